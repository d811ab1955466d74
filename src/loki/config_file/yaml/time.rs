//! Points in time (yaml.v2's resolve.go, parseTimestamp, by Go's time.Parse).

use jiff::civil::Date;

/// Whether a text is a time in one of four formats: a date; with a clock after a space; with a clock and a zone after
/// T or t.
pub(super) fn is_timestamp(text: &str) -> bool {
    let (Some(year), Some(b'-')) = (text.get(..4), text.as_bytes().get(4)) else { return false };
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let mut rest = &text[5..];
    let Some(month) = number(&mut rest) else { return false };
    if !take(&mut rest, "-") {
        return false;
    }
    let Some(day) = number(&mut rest) else { return false };
    if year.parse().map_or(true, |year| Date::new(year, month, day).is_err()) {
        return false;
    }
    match rest.as_bytes().first() {
        None => true,
        // Go takes any number of spaces for one.
        Some(b' ') => {
            rest = rest.trim_start_matches(' ');
            clock(&mut rest) && rest.is_empty()
        }
        Some(b'T' | b't') => {
            rest = &rest[1..];
            clock(&mut rest) && (rest == "Z" || is_offset(rest))
        }
        Some(_) => false,
    }
}

/// `15:4:5` with a fraction of any length.
fn clock(rest: &mut &str) -> bool {
    for (limit, separator) in [(24, ":"), (60, ":"), (60, "")] {
        if number(rest).is_none_or(|value| value >= limit) || !take(rest, separator) {
            return false;
        }
    }
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        *rest = &fraction[digits..];
    }
    true
}

/// `+07:00`; Go takes 24 hours and 60 minutes too.
fn is_offset(text: &str) -> bool {
    let [b'+' | b'-', h1 @ b'0'..=b'9', h2 @ b'0'..=b'9', b':', m1 @ b'0'..=b'9', m2 @ b'0'..=b'9'] = text.as_bytes()
    else {
        return false;
    };
    let number = |high: u8, low: u8| (high - b'0') * 10 + (low - b'0');
    number(*h1, *h2) <= 24 && number(*m1, *m2) <= 60
}

/// One or two digits.
fn number(rest: &mut &str) -> Option<i8> {
    let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

fn take(rest: &mut &str, prefix: &str) -> bool {
    match rest.strip_prefix(prefix) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}
