//! How Go quotes text in its errors.

use std::fmt::Write as _;

/// strconv.Quote, which `%q` prints.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            char if is_printable(char) => quoted.push(char),
            char => escape(&mut quoted, char),
        }
    }
    quoted.push('"');
    quoted
}

fn escape(quoted: &mut String, char: char) {
    let code = u32::from(char);
    // Writing into a String cannot fail.
    let _ = match code {
        0..0x20 | 0x7f => write!(quoted, "\\x{code:02x}"),
        0x20..0x1_0000 => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
}

/// unicode.IsPrint: Rust escapes the same characters in `{:?}`, besides combining ones at the start of a text.
fn is_printable(char: char) -> bool {
    if char.is_ascii() {
        return !char.is_ascii_control();
    }
    let mut buffer = [0; 5];
    buffer[0] = b'a';
    let length = 1 + char.encode_utf8(&mut buffer[1..]).len();
    std::str::from_utf8(&buffer[..length]).is_ok_and(|text| text.escape_debug().count() == 2)
}

/// The quotes of package time (format.go, quote): every byte beyond ASCII is escaped.
pub fn quote_for_time(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        if char < ' ' || !char.is_ascii() {
            let mut buffer = [0; 4];
            for byte in char.encode_utf8(&mut buffer).bytes() {
                let _ = write!(quoted, "\\x{byte:02x}");
            }
        } else {
            if matches!(char, '"' | '\\') {
                quoted.push('\\');
            }
            quoted.push(char);
        }
    }
    quoted.push('"');
    quoted
}

/// strings.ToUpper: each character by its simple mapping, where Rust knows one.
pub fn upper(text: &str) -> String {
    text.chars().map(|char| single(char, char.to_uppercase())).collect()
}

/// strings.ToLower: each character by its simple mapping, where Rust knows one.
pub fn lower(text: &str) -> String {
    // Go's simple mapping of a dotted capital I has no combining dot.
    text.chars().map(|char| if char == 'İ' { 'i' } else { single(char, char.to_lowercase()) }).collect()
}

fn single(char: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    if mapped.len() == 1 { mapped.next().unwrap_or(char) } else { char }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_as_go_does() {
        assert_eq!(
            quote("a\"\\\n\u{1}\u{7f}é\u{a0}\u{301}\u{e000}\u{10ffff}😀"),
            "\"a\\\"\\\\\\n\\x01\\x7fé\\u00a0\u{301}\\ue000\\U0010ffff😀\""
        );
        assert_eq!(quote_for_time("2024-é\""), "\"2024-\\xc3\\xa9\\\"\"");
        assert_eq!((upper("1kß"), lower("KEİ")), ("1Kß".into(), "kei".into()));
    }
}
