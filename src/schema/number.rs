//! Terraform's one number type, exact.

use std::cmp::Ordering;
use std::fmt;

/// A number of any size and precision, as cty has it: equal numbers are equal whatever form they came in.
///
/// A text such as `0.1` is that decimal; a 64-bit float is the binary fraction that it is, so the float nearest to 0.1 is
/// another number, as in cty. Unlike cty nothing is rounded to 512 bits, so what Terraform sends goes back unchanged.
#[derive(Clone, PartialEq)]
pub struct Number(Form);

/// The first form that holds the number exactly, so that each number has one only.
#[derive(Clone, PartialEq)]
enum Form {
    Int(i64),
    /// With a fraction, or infinite; never NaN.
    Float(f64),
    Decimal(Box<Decimal>),
}

/// How a number is written in MessagePack.
#[derive(Debug, PartialEq)]
pub(super) enum Wire {
    Int(i64),
    Float(f64),
    Text(String),
}

/// The decimal exponent of the largest number that cty has: its binary exponent has 31 bits.
const MAX_EXPONENT: i64 = 646_456_993;

/// The zeros that are written out at most. What needs more of them is written with an exponent, which cty reads as well;
/// otherwise a number of ten bytes would need a gigabyte.
const MAX_ZEROS: usize = 4096;

/// The most digits that a 64-bit float has in decimal.
const FLOAT_DIGITS: usize = 767;

impl Number {
    /// The number of a decimal text such as `-12.5e3`; none when it is no number, or beyond what cty can hold.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Decimal::parse(text)?.number())
    }

    /// The exact value of a float; none for NaN.
    pub fn from_f64(value: f64) -> Option<Self> {
        // Both bounds are exact: -2^63 and 2^63.
        const END: f64 = 9_223_372_036_854_775_808.0;
        if value.is_nan() {
            None
        } else if value.is_infinite() || value.fract() != 0.0 {
            Some(Self(Form::Float(value)))
        } else if (-END..END).contains(&value) {
            #[allow(clippy::cast_possible_truncation, reason = "whole and within the bounds")]
            let whole = value as i64;
            Some(Self(Form::Int(whole)))
        } else {
            Self::parse(&format!("{value:.0}"))
        }
    }

    /// The number as a whole one of 64 bits, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Form::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The nearest float.
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            #[allow(clippy::cast_precision_loss, reason = "the nearest float is asked for")]
            Form::Int(value) => *value as f64,
            Form::Float(value) => *value,
            Form::Decimal(decimal) => decimal.scientific().parse().unwrap_or_default(),
        }
    }

    pub(super) fn wire(&self) -> Wire {
        match &self.0 {
            Form::Int(value) => Wire::Int(*value),
            Form::Float(value) => Wire::Float(*value),
            Form::Decimal(decimal) => Wire::Text(decimal.text(MAX_ZEROS)),
        }
    }

    /// None for an infinite number.
    fn decimal(&self) -> Option<Decimal> {
        match &self.0 {
            Form::Int(value) => Decimal::parse(&value.to_string()),
            Form::Float(value) => Decimal::of(*value),
            Form::Decimal(decimal) => Some(decimal.as_ref().clone()),
        }
    }
}

impl Default for Number {
    fn default() -> Self {
        Self(Form::Int(0))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Form::Int(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        match i64::try_from(value) {
            Ok(value) => value.into(),
            Err(_) => Self::parse(&value.to_string()).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Int(value) => value.fmt(f),
            Form::Float(value) => value.fmt(f),
            Form::Decimal(decimal) => f.write_str(&decimal.text(40)),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Int(a), Form::Int(b)) => a.cmp(b),
            (Form::Float(a), Form::Float(b)) => a.total_cmp(b),
            (Form::Float(a), _) if a.is_infinite() => a.total_cmp(&0.0),
            (_, Form::Float(b)) if b.is_infinite() => 0.0_f64.total_cmp(b),
            (Form::Decimal(a), Form::Decimal(b)) => a.cmp(b),
            // The nearest floats are in the order of the numbers, as far as they differ.
            _ => match self.as_f64().partial_cmp(&other.as_f64()) {
                Some(Ordering::Equal) | None => self.decimal().cmp(&other.decimal()),
                Some(order) => order,
            },
        }
    }
}

/// ±0.DIGITS · 10^exponent, without zeros at either end of the digits; zero has none.
#[derive(Clone, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], Self::exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let leading = digits.len() - digits.trim_start_matches('0').len();
        digits.drain(..leading);
        digits.truncate(digits.trim_end_matches('0').len());
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        let size = |count: usize| i64::try_from(count).ok();
        let exponent = exponent.checked_add(size(whole.len())?)?.checked_sub(size(leading)?)?;
        (exponent.abs() <= MAX_EXPONENT).then_some(Self { negative, digits, exponent })
    }

    /// The exponent's digits; one that does not fit is as good as the largest.
    fn exponent(text: &str) -> Option<i64> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let value = digits.parse().unwrap_or(i64::MAX / 2).min(i64::MAX / 2);
        Some(if text.starts_with('-') { -value } else { value })
    }

    /// The exact decimal of a float; none when it is infinite.
    fn of(value: f64) -> Option<Self> {
        Self::parse(&format!("{value:.*e}", FLOAT_DIGITS - 1))
    }

    fn number(self) -> Number {
        if let Some(whole) = self.whole() {
            return Number(Form::Int(whole));
        }
        if self.may_be_binary()
            && let Ok(float) = self.scientific().parse::<f64>()
            && Self::of(float).as_ref() == Some(&self)
        {
            return Number(Form::Float(float));
        }
        Number(Form::Decimal(Box::new(self)))
    }

    /// Whether a float may be exactly this. A binary fraction of n decimal places is a multiple of 5^n: most are not, and
    /// need no look at all of a float's digits, which takes a thousand times as long.
    fn may_be_binary(&self) -> bool {
        // The most digits of which a u64 holds every number.
        const LOOKED_AT: usize = 19;
        let (length, places) = (self.digits.len(), usize::try_from(self.places()).unwrap_or(0));
        let looked_at = places.min(length).min(LOOKED_AT);
        let power = u32::try_from(looked_at).ok().and_then(|it| 5u64.checked_pow(it));
        let tail = self.digits[length - looked_at..].parse::<u64>().ok();
        let multiple = tail.zip(power).is_some_and(|(tail, power)| tail.is_multiple_of(power));
        places > 0 && length <= FLOAT_DIGITS && multiple
    }

    /// How many decimal places it has; zeros before the point count negatively.
    fn places(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_sub(self.exponent)
    }

    fn whole(&self) -> Option<i64> {
        match self.exponent {
            _ if self.digits.is_empty() => Some(0),
            1..=19 if self.places() <= 0 => self.text(MAX_ZEROS).parse().ok(),
            _ => None,
        }
    }

    /// Without an exponent if that takes at most so many zeros.
    fn text(&self, zeros: usize) -> String {
        let (sign, digits) = (if self.negative { "-" } else { "" }, &self.digits);
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let missing = if self.exponent <= 0 { -self.exponent } else { self.exponent - length };
        match usize::try_from(missing.max(0)) {
            Ok(missing) if missing <= zeros => {
                let filling = "0".repeat(missing);
                match usize::try_from(self.exponent) {
                    Ok(0) | Err(_) => format!("{sign}0.{filling}{digits}"),
                    Ok(point) if point >= digits.len() => format!("{sign}{digits}{filling}"),
                    Ok(point) => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
                }
            }
            _ => self.scientific(),
        }
    }

    fn scientific(&self) -> String {
        let (sign, (first, rest)) = (if self.negative { "-" } else { "" }, self.digits.split_at(1));
        let point = if rest.is_empty() { "" } else { "." };
        format!("{sign}{first}{point}{rest}e{}", self.exponent - 1)
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = || (self.exponent, &self.digits).cmp(&(other.exponent, &other.digits));
        self.sign().cmp(&other.sign()).then_with(|| if self.negative { size().reverse() } else { size() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn the_form_does_not_matter() {
        for (a, b) in
            [("1", "1.0"), ("1e3", "1000"), ("-0", "0"), ("0.5", "5e-1"), ("12e-1", "1.20"), ("0e9999999999", "0")]
        {
            assert_eq!(number(a), number(b), "{a}");
        }
        for value in [1.5, -0.375, 1e-5, 5e-324, 123_456_789.125, 0.333_333_333_333_333_3] {
            let exact = format!("{value:.*}", 1100);
            assert_eq!(Number::from_f64(value), Some(number(&exact)), "{value}");
        }
        assert_eq!(Number::from_f64(-0.0), Some(number("0")));
        assert_eq!(Number::from_f64(9_223_372_036_854_775_808.0), Some(number("9223372036854775808")));
        assert_eq!(Number::from(u64::MAX), number("18446744073709551615"));
        assert_ne!(Number::from_f64(0.1), Some(number("0.1")));
        assert_eq!(Number::from_f64(f64::NAN), None);
    }

    #[test]
    fn each_number_has_cty_s_form_on_the_wire() {
        let cases = [
            ("9223372036854775807", Wire::Int(i64::MAX)),
            ("-9223372036854775808", Wire::Int(i64::MIN)),
            ("9223372036854775808", Wire::Text("9223372036854775808".into())),
            ("-0.75", Wire::Float(-0.75)),
            ("0.1", Wire::Text("0.1".into())),
            ("-12.34", Wire::Text("-12.34".into())),
            ("1e30", Wire::Text(format!("1{}", "0".repeat(30)))),
            ("1e-400", Wire::Text(format!("0.{}1", "0".repeat(399)))),
            ("1.5e100000", Wire::Text("1.5e100000".into())),
        ];
        for (text, wire) in cases {
            assert_eq!(number(text).wire(), wire, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "e5",
            "1e",
            "1e+",
            "0x10",
            "1_000",
            "1 ",
            "Inf",
            "nan",
            "1.2.3",
            "1e999999999999",
            "--1",
            "½",
        ] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_ordered_across_forms() {
        let infinite = |value| Number::from_f64(value).unwrap();
        let mut numbers = vec![infinite(f64::NEG_INFINITY)];
        numbers.extend(
            [
                "-1e30",
                "-9223372036854775808",
                "-2",
                "-1.5",
                "-0.1",
                "-1e-400",
                "0",
                "1e-400",
                "0.1",
                "0.5",
                "1",
                "1.25",
                "9223372036854775807",
                "9223372036854775808",
                "1e30",
            ]
            .map(number),
        );
        numbers.push(infinite(f64::INFINITY));
        for (at, a) in numbers.iter().enumerate() {
            for (other, b) in numbers.iter().enumerate() {
                assert_eq!(a.cmp(b), at.cmp(&other), "{a} and {b}");
            }
        }
    }

    #[test]
    fn every_float_is_exact() {
        for value in [5e-324, f64::MAX, f64::MIN_POSITIVE, 0.1, 1.0 / 3.0, 1e22, 123_456_789.125] {
            assert_eq!(Number::from_f64(value).unwrap().as_f64(), value);
        }
    }
}
