//! Whole numbers as strconv.Atoi reads them.

use super::quote::quote;

/// The number, or the error that Go has for the text.
pub fn atoi(text: &str) -> Result<i64, String> {
    let refuse = |reason: &str| format!("strconv.Atoi: parsing {}: {reason}", quote(text));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse("invalid syntax"));
    }
    text.parse().map_err(|_| refuse("value out of range"))
}
