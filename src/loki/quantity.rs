//! Kubernetes quantities (apimachinery, `resource.Quantity`): grammar, size and canonical form.
//!
//! The API server stores quantities of pods and claims in canonical form. Rendering them so keeps a
//! later comparison from seeing a change where there is none.

const NANO: i128 = 1_000_000_000;

/// How a quantity was written, which decides how it is written back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Decimal,
    Binary,
    Exponent,
}

/// A non-negative amount, such as of CPU or bytes.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

impl Quantity {
    /// Reads `10Gi`, `500m`, `0.5`, `1e3` and the like; None for what Kubernetes does not read, and
    /// for negative amounts, which it reads and then refuses wherever this provider uses them.
    pub fn parse(text: &str) -> Option<Self> {
        let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, suffix) = text.split_at(number_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (format, factor, divisor) = scale(suffix)?;
        let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let divisor = 10_i128.checked_pow(fraction.len().try_into().ok()?)?.checked_mul(divisor)?;
        let product = digits.checked_mul(factor)?.checked_mul(NANO)?;
        // Kubernetes rounds up whatever is finer than it keeps.
        let nanos = product / divisor + i128::from(product % divisor != 0);
        Some(Quantity { nanos, format })
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// The amount in whole units (bytes, cores), rounded down.
    pub fn units(self) -> i128 {
        self.nanos / NANO
    }

    /// The amount in thousandths of a unit (thousandths of a core), rounded up.
    pub fn thousandths(self) -> i128 {
        self.nanos / 1_000_000 + i128::from(self.nanos % 1_000_000 != 0)
    }

    /// The form that the API server keeps for resources of pods and claims: rounded up to
    /// thousandths (`SetDefaults_ResourceList`), with the largest suffix that loses nothing.
    pub fn canonical(self) -> String {
        let millis = self.thousandths();
        let whole = millis % 1000 == 0;
        if self.format == Format::Binary && whole && millis >= 1_024_000 {
            return largest(millis / 1000, 1024, &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]);
        }
        if self.format == Format::Exponent {
            return largest(millis, 1000, &["e-3", "", "e3", "e6", "e9", "e12", "e15", "e18"]);
        }
        largest(millis, 1000, &["m", "", "k", "M", "G", "T", "P", "E"])
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.nanos.partial_cmp(&other.nanos)
    }
}

/// Format, factor and divisor of a suffix.
fn scale(suffix: &str) -> Option<(Format, i128, i128)> {
    let thousand = |power: u32| 1000_i128.pow(power);
    let kibi = |power: u32| (Format::Binary, 1024_i128.pow(power), 1);
    Some(match suffix {
        "" => (Format::Decimal, 1, 1),
        "n" => (Format::Decimal, 1, thousand(3)),
        "u" => (Format::Decimal, 1, thousand(2)),
        "m" => (Format::Decimal, 1, thousand(1)),
        "k" => (Format::Decimal, thousand(1), 1),
        "M" => (Format::Decimal, thousand(2), 1),
        "G" => (Format::Decimal, thousand(3), 1),
        "T" => (Format::Decimal, thousand(4), 1),
        "P" => (Format::Decimal, thousand(5), 1),
        "E" => (Format::Decimal, thousand(6), 1),
        "Ki" => kibi(1),
        "Mi" => kibi(2),
        "Gi" => kibi(3),
        "Ti" => kibi(4),
        "Pi" => kibi(5),
        "Ei" => kibi(6),
        exponent => {
            let exponent: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
            if exponent < 0 { (Format::Exponent, 1, power) } else { (Format::Exponent, power, 1) }
        }
    })
}

/// `amount` with the last of `suffixes` that leaves a whole number, each worth `base` of the one before.
fn largest(mut amount: i128, base: i128, suffixes: &[&str]) -> String {
    let mut index = 0;
    while amount != 0 && amount % base == 0 && index + 1 < suffixes.len() {
        amount /= base;
        index += 1;
    }
    if amount == 0 { "0".into() } else { format!("{amount}{}", suffixes[index]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Quantity::parse(text).unwrap_or_else(|| panic!("{text}")).canonical()
    }

    #[test]
    fn canonical_form_is_kubernetes() {
        for (written, kept) in [
            ("10Gi", "10Gi"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("0.5", "500m"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("2000", "2k"),
            ("512", "512"),
            ("1000Ki", "1000Ki"),
            ("0.5Ki", "512"),
            ("1e3", "1e3"),
            ("100e1", "1e3"),
            ("1n", "1m"),
            ("0", "0"),
            (".5", "500m"),
            ("5.", "5"),
        ] {
            assert_eq!(canonical(written), kept, "{written}");
        }
    }

    #[test]
    fn refuses_what_is_no_quantity() {
        for wrong in ["", "Gi", "10 Gi", "10GB", "10gi", "-1", "1.2.3", "ten", "1e", "1e99", ".", "10K"] {
            assert!(Quantity::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn compares_across_suffixes() {
        let parse = |text| Quantity::parse(text).unwrap();
        assert!(parse("1Gi") > parse("1G"));
        assert!(parse("1000m") == parse("1"));
        assert_eq!(parse("1Gi").units(), 1 << 30);
        assert!(parse("0m").is_zero());
    }
}
