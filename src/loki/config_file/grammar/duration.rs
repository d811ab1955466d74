//! Durations: Go's own (`1h30m`, `1.5s`, `-2us`) and Prometheus' (`1d12h`).

use super::quote::quote;

/// Units of package time (format.go, unitMap), in nanoseconds.
const GO_UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Nanoseconds of what time.ParseDuration reads; none for what it refuses.
/// Ported from Go's package time (format.go; BSD licence).
pub fn go(text: &str) -> Option<i64> {
    const LIMIT: u64 = 1 << 63;
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (digits, after) = leading_digits(rest);
        let whole = if digits.is_empty() { 0 } else { digits.parse::<u64>().ok().filter(|whole| *whole <= LIMIT)? };
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => leading_digits(after),
            None => ("", after),
        };
        if digits.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|char: char| char == '.' || char.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, unit) = *GO_UNITS.iter().find(|(name, _)| *name == unit)?;
        if whole > LIMIT / unit {
            return None;
        }
        let mut value = whole * unit;
        let (numerator, scale) = leading_fraction(fraction);
        if numerator > 0 {
            // Go computes this in floats, too; the rounding must be the same.
            value = value.wrapping_add((numerator as f64 * (unit as f64 / scale)) as u64);
            if value > LIMIT {
                return None;
            }
        }
        total = total.wrapping_add(value);
        if total > LIMIT {
            return None;
        }
        rest = after;
    }
    if negative {
        return Some((total as i64).wrapping_neg());
    }
    i64::try_from(total).ok()
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len()))
}

/// format.go, leadingFraction: digits beyond what 63 bits hold are dropped.
fn leading_fraction(digits: &str) -> (u64, f64) {
    let (mut value, mut scale) = (0_u64, 1.0);
    for digit in digits.bytes() {
        if value > ((1 << 63) - 1) / 10 {
            break;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if next > 1 << 63 {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value, scale)
}

/// Units from the largest down, in nanoseconds (prometheus/common, model/time.go, unitMap).
const PROMETHEUS_UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000_000_000),
    ("w", 7 * 86_400_000_000_000),
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Nanoseconds of what model.ParseDuration of prometheus/common reads, or its error: whole numbers with units from
/// the largest to the smallest, each at most once, or a plain `0`. The same in all versions of Loki 3.
pub fn prometheus(text: &str) -> Result<i64, String> {
    match text {
        "0" => return Ok(0),
        "" => return Err("empty duration string".into()),
        _ => {}
    }
    let invalid = || format!("not a valid duration string: {}", quote(text));
    let out_of_range = || String::from("duration out of range");
    let mut rest = text;
    let mut total = 0_u64;
    let mut largest = 0;
    while !rest.is_empty() {
        let (digits, after) = leading_digits(rest);
        let number: u64 = digits.parse().map_err(|_| invalid())?;
        let (unit, after) = after.split_at(after.find(|char: char| char.is_ascii_digit()).unwrap_or(after.len()));
        if unit.is_empty() {
            return Err(invalid());
        }
        let Some(position) = PROMETHEUS_UNITS.iter().position(|(name, _)| *name == unit) else {
            return Err(format!("unknown unit {} in duration {}", quote(unit), quote(text)));
        };
        if position < largest {
            return Err(invalid());
        }
        largest = position + 1;
        let (_, factor) = PROMETHEUS_UNITS[position];
        if number > (1 << 63) / factor {
            return Err(out_of_range());
        }
        total = total.wrapping_add(number * factor);
        if total > (1 << 63) - 1 {
            return Err(out_of_range());
        }
        rest = after;
    }
    i64::try_from(total).map_err(|_| out_of_range())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_go_durations() {
        assert_eq!(go("1h30m"), Some(5_400_000_000_000));
        assert_eq!(go("-1.5s"), Some(-1_500_000_000));
        assert_eq!(go(".5\u{b5}s1\u{3bc}s"), Some(1_500));
        assert_eq!(go("-9223372036854775808ns"), Some(i64::MIN));
        for wrong in ["", "1", "-", ".s", "1d", "1s ", "1ss", "9223372036854775808ns", "2562048h"] {
            assert_eq!(go(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn reads_prometheus_durations_or_says_why_not() {
        assert_eq!(prometheus("1w2d"), Ok(9 * 86_400_000_000_000));
        assert_eq!(prometheus("1d1d"), Err("not a valid duration string: \"1d1d\"".into()));
        assert_eq!(prometheus("5x"), Err("unknown unit \"x\" in duration \"5x\"".into()));
        assert_eq!(prometheus("293y"), Err("duration out of range".into()));
    }
}
