//! Prometheus durations, the grammar of Loki's limits (`model.Duration`).

/// Milliseconds of an hour.
pub const HOUR: u64 = 60 * 60 * 1000;
/// Milliseconds of a day.
pub const DAY: u64 = 24 * HOUR;

/// Units from the largest down, in milliseconds (prometheus/common, `model.ParseDuration`).
const UNITS: [(&str, u64); 7] =
    [("y", 365 * DAY), ("w", 7 * DAY), ("d", DAY), ("h", HOUR), ("m", 60 * 1000), ("s", 1000), ("ms", 1)];

/// Milliseconds of a Prometheus duration such as `90d` or `1w2d`: whole numbers with units from the
/// largest to the smallest, each at most once, or a plain `0`. None for any other text, and for
/// what exceeds Go's `time.Duration` (about 292 years).
pub fn parse(text: &str) -> Option<u64> {
    const MAX: u64 = (i64::MAX / 1_000_000) as u64;
    if text == "0" {
        return Some(0);
    }
    if text.is_empty() {
        return None;
    }
    let mut rest = text;
    let mut total = 0_u64;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic());
        let (_, millis) = units.find(|(name, _)| *name == unit)?;
        let number: u64 = digits.parse().ok()?;
        total = total.checked_add(number.checked_mul(*millis)?).filter(|total| *total <= MAX)?;
        rest = after;
    }
    Some(total)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_prometheus_reads() {
        assert_eq!(parse("90d"), Some(90 * DAY));
        assert_eq!(parse("1w2d"), Some(9 * DAY));
        assert_eq!(parse("1h30m"), Some(HOUR + HOUR / 2));
        assert_eq!(parse("1m5ms"), Some(60_005));
        assert_eq!(parse("0"), Some(0));
        assert_eq!(parse("0s"), Some(0));
    }

    #[test]
    fn refuses_what_prometheus_refuses() {
        for wrong in ["", "90", "d", "90 d", "1.5d", "-1d", "2d1w", "1d1d", "90days", "1µs", "293y", "d1"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
