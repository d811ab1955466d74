//! Numbers as Go reads them (strconv's ParseInt and ParseFloat, and resolve.go).

use super::Resolved;

/// An integer or a fraction, of which underscores are taken out.
pub(super) fn number(text: &str) -> Option<Resolved> {
    let removed;
    let plain = if text.contains('_') {
        removed = text.replace('_', "");
        &removed
    } else {
        text
    };
    integer(plain)
        .or_else(|| unsigned(plain))
        .map(Resolved::Int)
        .or_else(|| decimal(plain).map(Resolved::Float))
        .or_else(|| binary(plain).map(Resolved::Int))
}

/// What begins with a point, between whose digits Go takes underscores.
pub(super) fn fraction(text: &str) -> Option<f64> {
    if !text.contains('_') {
        return decimal(text);
    }
    let bytes = text.as_bytes();
    let is_digit = |index: Option<usize>| index.and_then(|it| bytes.get(it)).is_some_and(u8::is_ascii_digit);
    // Between two digits, or after another underscore never.
    let well_placed =
        |(index, byte): (usize, &u8)| *byte != b'_' || is_digit(index.checked_sub(1)) && is_digit(index.checked_add(1));
    bytes.iter().enumerate().all(well_placed).then(|| decimal(&text.replace('_', ""))).flatten()
}

/// ParseInt(text, 0, 64).
fn integer(text: &str) -> Option<i128> {
    let (negative, magnitude) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = i128::from(unsigned_magnitude(magnitude)?);
    signed(if negative { -value } else { value })
}

/// ParseUint(text, 0, 64), which takes no sign.
fn unsigned(text: &str) -> Option<i128> {
    unsigned_magnitude(text).map(i128::from)
}

fn signed(value: i128) -> Option<i128> {
    i64::try_from(value).ok().map(i128::from)
}

fn unsigned_magnitude(text: &str) -> Option<u64> {
    let prefix = text.get(..2).filter(|_| text.len() > 2).map(str::to_ascii_lowercase);
    match prefix.as_deref() {
        Some("0x") => digits(&text[2..], 16),
        Some("0o") => digits(&text[2..], 8),
        Some("0b") => digits(&text[2..], 2),
        _ if text == "0" => Some(0),
        _ if text.starts_with('0') => digits(&text[1..], 8),
        _ => digits(text, 10),
    }
}

fn digits(text: &str, radix: u32) -> Option<u64> {
    // from_str_radix would take a sign of its own.
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    u64::from_str_radix(text, radix).ok()
}

/// What follows 0b may have a sign.
fn binary(text: &str) -> Option<i128> {
    if let Some(rest) = text.strip_prefix("0b") {
        let (negative, magnitude) = match rest.as_bytes().first()? {
            b'-' => (true, &rest[1..]),
            b'+' => (false, &rest[1..]),
            _ => return digits(rest, 2).map(i128::from),
        };
        let value = i128::from(digits(magnitude, 2)?);
        return signed(if negative { -value } else { value });
    }
    signed(-i128::from(digits(text.strip_prefix("-0b")?, 2)?))
}

/// ParseFloat of `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`.
fn decimal(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let complete = if whole.is_empty() { !fraction.is_empty() && mantissa.starts_with('.') } else { true };
    if !complete || exponent.is_empty() || ![whole, fraction, exponent].into_iter().all(are_digits) {
        return None;
    }
    // What is too great is refused by Go, and infinite to Rust.
    text.parse().ok().filter(|value: &f64| value.is_finite())
}
