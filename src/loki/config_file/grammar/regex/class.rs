//! Classes in brackets, and escapes.

use super::{Flavour, error, unicode};

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// parse.go, parseClass: what follows the class that begins the text.
pub(super) fn brackets(text: &str, flavour: Flavour) -> Result<&str, String> {
    let mut rest = &text[1..];
    rest = rest.strip_prefix('^').unwrap_or(rest);
    let mut first = true;
    // A closing bracket is a character when it comes first.
    while first || !rest.starts_with(']') {
        first = false;
        if let Some(after) = rest.strip_prefix("[:")
            && let Some(end) = after.find(":]")
        {
            let name = &after[..end];
            if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
                return Err(error("invalid character class range", &rest[..end + 4]));
            }
            rest = &after[end + 2..];
            continue;
        }
        match rest.as_bytes() {
            [b'\\', b'p' | b'P', ..] => {
                rest = unicode::class(rest, flavour)?;
                continue;
            }
            [b'\\', b'd' | b'D' | b's' | b'S' | b'w' | b'W', ..] => {
                rest = &rest[2..];
                continue;
            }
            _ => {}
        }
        let range = rest;
        let (low, after) = character(rest, text)?;
        rest = after;
        if let Some(after) = rest.strip_prefix('-')
            && !after.is_empty()
            && !after.starts_with(']')
        {
            let (high, after) = character(after, text)?;
            if high < low {
                return Err(error("invalid character class range", &range[..range.len() - after.len()]));
            }
            rest = after;
        }
    }
    Ok(&rest[1..])
}

fn character<'a>(text: &'a str, class: &str) -> Result<(u32, &'a str), String> {
    match text.chars().next() {
        None => Err(error("missing closing ]", class)),
        Some('\\') => escape(text),
        Some(char) => Ok((char.into(), &text[char.len_utf8()..])),
    }
}

/// parse.go, parseEscape: the character that the backslash at the start stands for, and what follows.
pub(super) fn escape(text: &str) -> Result<(u32, &str), String> {
    let mut chars = text[1..].chars();
    let Some(char) = chars.next() else {
        return Err(error("trailing backslash at end of expression", ""));
    };
    let octal = |text: &str| text.starts_with(|char: char| matches!(char, '0'..='7'));
    match char {
        '1'..='7' if !octal(chars.as_str()) => {}
        '0'..='7' => {
            let digits = 1 + chars.as_str().chars().take(2).take_while(|char| matches!(char, '0'..='7')).count();
            let (digits, rest) = text[1..].split_at(digits);
            return Ok((u32::from_str_radix(digits, 8).unwrap_or_default(), rest));
        }
        'x' => match hexadecimal(chars.clone()) {
            Ok(read) => return Ok(read),
            Err(rest) => chars = rest,
        },
        'a' => return Ok((7, chars.as_str())),
        'f' => return Ok((12, chars.as_str())),
        'n' => return Ok((10, chars.as_str())),
        'r' => return Ok((13, chars.as_str())),
        't' => return Ok((9, chars.as_str())),
        'v' => return Ok((11, chars.as_str())),
        char if char.is_ascii() && !char.is_ascii_alphanumeric() => return Ok((char.into(), chars.as_str())),
        _ => {}
    }
    Err(error("invalid escape sequence", &text[..text.len() - chars.as_str().len()]))
}

/// What follows `\x`: two digits, or any number of them in braces. An error holds what is left when it strikes.
fn hexadecimal(mut chars: std::str::Chars<'_>) -> Result<(u32, &str), std::str::Chars<'_>> {
    let Some(first) = chars.next() else { return Err(chars) };
    if first != '{' {
        let second = chars.next();
        return match (first.to_digit(16), second.and_then(|char| char.to_digit(16))) {
            (Some(high), Some(low)) => Ok((high * 16 + low, chars.as_str())),
            _ => Err(chars),
        };
    }
    let (mut value, mut digits) = (0, 0);
    loop {
        match chars.next() {
            Some('}') if digits > 0 => return Ok((value, chars.as_str())),
            Some(char) => match char.to_digit(16) {
                Some(digit) if value * 16 + digit <= 0x10_ffff => (value, digits) = (value * 16 + digit, digits + 1),
                _ => return Err(chars),
            },
            None => return Err(chars),
        }
    }
}
