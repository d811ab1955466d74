//! Values as Go prints them in Loki's messages.

/// `Duration.String` of prometheus/common, of nanoseconds.
pub(super) fn duration(nanoseconds: i128) -> String {
    const UNITS: [(&str, i128, bool); 7] = [
        ("y", 365 * 24 * 3_600_000, true),
        ("w", 7 * 24 * 3_600_000, true),
        ("d", 24 * 3_600_000, true),
        ("h", 3_600_000, false),
        ("m", 60_000, false),
        ("s", 1000, false),
        ("ms", 1, false),
    ];
    let mut left = nanoseconds / 1_000_000;
    if left == 0 {
        return "0s".into();
    }
    let mut text = String::new();
    for (unit, size, whole) in UNITS {
        // Years, weeks and days are written only where nothing is left over.
        if left == 0 || whole && left % size != 0 {
            continue;
        }
        if left / size > 0 {
            text.push_str(&format!("{}{unit}", left / size));
            left %= size;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_printed_as_prometheus_does() {
        let second = 1_000_000_000;
        let printed = |seconds: i128| duration(seconds * second);
        assert_eq!(printed(0), "0s");
        assert_eq!(printed(12 * 3600), "12h");
        assert_eq!(printed(90), "1m30s");
        assert_eq!(printed(14 * 24 * 3600), "2w");
        assert_eq!(printed(25 * 3600), "25h");
        assert_eq!(duration(30_000_000), "30ms");
    }
}
