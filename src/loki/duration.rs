//! Prometheus durations, the grammar of Loki's limits (`model.Duration`).

use super::config_file::grammar::duration::prometheus;

/// Milliseconds of an hour.
pub const HOUR: u64 = 60 * 60 * 1000;
/// Milliseconds of a day.
pub const DAY: u64 = 24 * HOUR;

/// Milliseconds of a Prometheus duration such as `90d` or `1w2d`: whole numbers with units from the
/// largest to the smallest, each at most once, or a plain `0`. None for any other text, and for
/// what exceeds Go's `time.Duration` (about 292 years).
pub fn parse(text: &str) -> Option<u64> {
    let nanoseconds = prometheus(text).ok()?;
    u64::try_from(nanoseconds / 1_000_000).ok()
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
