//! Sizes: Loki's `flagext.ByteSize` (`4MB`, `4 mb`, whole numbers, 1024 to the step) and dskit's `flagext.Bytes`
//! (`1.5GiB`, `1GB512MB`, a unit always, 1024 to the step).

use super::quote::{quote, upper};

/// Bytes of what `flagext.ByteSize` reads, or its error. Loki capitalises the text and hands it to
/// github.com/c2h5oh/datasize (ByteSize.UnmarshalText).
pub fn byte_size(text: &str) -> Result<u64, String> {
    data_size(&upper(text))
}

/// datasize.ParseString as it stands, which memory pools use.
pub fn data_size(text: &str) -> Result<u64, String> {
    let refuse = |reason: &str| Err(format!("strconv.UnmarshalText: parsing {}: {reason}", quote(text)));
    let out_of_range = || refuse("value out of range");
    let (digits, unit) = text.split_at(text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len()));
    let mut value = 0_u64;
    for digit in digits.bytes() {
        match value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0'))) {
            Some(next) => value = next,
            None => return out_of_range(),
        }
    }
    // An empty text is no syntax error there: the loop that would find one does not run.
    if digits.is_empty() && !text.is_empty() {
        return refuse("invalid syntax");
    }
    let unit = unit.trim_matches(is_go_space);
    if matches!(unit, "Kb" | "Mb" | "Gb" | "Tb" | "Pb" | "Eb") {
        return refuse("unit with capital unit prefix and lower case unit (b) - bits, not bytes ");
    }
    let shift = match super::quote::lower(unit).as_str() {
        "" | "b" | "byte" => 0,
        "k" | "kb" | "kilo" | "kilobyte" | "kilobytes" => 10,
        "m" | "mb" | "mega" | "megabyte" | "megabytes" => 20,
        "g" | "gb" | "giga" | "gigabyte" | "gigabytes" => 30,
        "t" | "tb" | "tera" | "terabyte" | "terabytes" => 40,
        "p" | "pb" | "peta" | "petabyte" | "petabytes" => 50,
        "e" | "eb" => 60,
        _ => return refuse("invalid syntax"),
    };
    if value > u64::MAX / (1 << shift) { out_of_range() } else { Ok(value << shift) }
}

/// unicode.IsSpace.
fn is_go_space(char: char) -> bool {
    char.is_whitespace()
}

/// Bytes of what `flagext.Bytes` of dskit reads, or its error: github.com/alecthomas/units, ParseBase2Bytes (MIT),
/// which tries `KiB` first and then `KB`, both 1024. A negative size wraps around, as it does there.
pub fn base2_bytes(text: &str) -> Result<u64, String> {
    units(text, "iB").or_else(|_| units(text, "B")).map(|bytes| bytes as u64)
}

/// units.ParseUnit.
fn units(text: &str, suffix: &str) -> Result<i64, String> {
    let invalid = || format!("units: invalid {text}");
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        if !rest.starts_with(|char: char| char == '.' || char.is_ascii_digit()) {
            return Err(invalid());
        }
        let (whole, pre, after) = leading_int(rest).ok_or_else(invalid)?;
        let mut value = whole as f64;
        let mut post = 0;
        let after = match after.strip_prefix('.') {
            Some(after) => {
                let (fraction, digits, after) = leading_int(after).ok_or_else(invalid)?;
                value += fraction as f64 / (0..digits).fold(1.0, |scale, _| scale * 10.0);
                post = digits;
                after
            }
            None => after,
        };
        if pre == 0 && post == 0 {
            return Err(invalid());
        }
        let end = after.find(|char: char| char == '.' || char.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let Some(factor) = unit_factor(unit, suffix) else {
            return Err(format!("units: unknown unit {unit} in {text}"));
        };
        total += value * factor;
        rest = after;
    }
    if negative {
        total = -total;
    }
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if !(-LIMIT..=LIMIT).contains(&total) {
        return Err("units: overflow parsing unit".into());
    }
    // What rounds up to 2^63 turns negative in Go on amd64.
    Ok(if total == LIMIT { i64::MIN } else { total as i64 })
}

/// units.MakeUnitMap.
fn unit_factor(unit: &str, suffix: &str) -> Option<f64> {
    if unit == "B" {
        return Some(1.0);
    }
    let power = match unit.strip_suffix(suffix)? {
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        "P" => 5,
        "E" => 6,
        _ => return None,
    };
    Some(1024_f64.powi(power))
}

/// units.leadingInt: the number, how many digits it has, and the rest; none where it overflows.
fn leading_int(text: &str) -> Option<(i64, usize, &str)> {
    let (digits, rest) = text.split_at(text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len()));
    let mut value = 0_i64;
    for digit in digits.bytes() {
        if value >= (i64::MAX - 9) / 10 {
            return None;
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Some((value, digits.len(), rest))
}

/// Whether a number and a suffix are a size to github.com/dustin/go-humanize (ParseBytes), which LogQL uses.
pub(super) fn is_humane(number: &str, suffix: &str) -> bool {
    let unit = suffix.trim_start_matches(|char: char| char.is_ascii_digit() || matches!(char, '.' | ','));
    let number = format!("{number}{}", &suffix[..suffix.len() - unit.len()]).replace(',', "");
    let known = ["", "b", "kib", "kb", "mib", "mb", "gib", "gb", "tib", "tb", "pib", "pb", "eib", "eb"];
    let short = ["ki", "k", "mi", "m", "gi", "g", "ti", "t", "pi", "p", "ei", "e"];
    let unit = super::quote::lower(unit.trim());
    number.parse::<f64>().is_ok() && (known.contains(&unit.as_str()) || short.contains(&unit.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_sizes() {
        assert_eq!(byte_size("4MB"), Ok(4 << 20));
        assert_eq!(byte_size("10 kilobytes"), Ok(10 << 10));
        assert_eq!(byte_size(""), Ok(0));
        assert_eq!(byte_size("4MiB"), Err("strconv.UnmarshalText: parsing \"4MIB\": invalid syntax".into()));
        assert_eq!(byte_size("16EB"), Err("strconv.UnmarshalText: parsing \"16EB\": value out of range".into()));
    }

    #[test]
    fn bytes_with_units() {
        assert_eq!(base2_bytes("1.5GiB"), Ok(3 << 29));
        assert_eq!(base2_bytes("1GB512MB"), Ok(3 << 29));
        assert_eq!(base2_bytes("0"), Ok(0));
        assert_eq!(base2_bytes("10"), Err("units: unknown unit  in 10".into()));
        assert_eq!(base2_bytes("10kB"), Err("units: unknown unit kB in 10kB".into()));
    }
}
