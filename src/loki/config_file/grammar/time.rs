//! Days and moments as Go's time.Parse reads them (format.go, parse; BSD licence), for the layouts that Loki uses.

use super::quote::quote_for_time as quote;

/// One element of a layout.
#[derive(Clone, Copy)]
enum Part {
    Text(&'static str),
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Zone,
}

use Part::{Day, Hour, Minute, Month, Second, Text, Year, Zone};

struct Layout {
    text: &'static str,
    parts: &'static [Part],
}

const DATE: Layout = Layout { text: "2006-01-02", parts: &[Year, Text("-"), Month, Text("-"), Day] };
const DATE_MINUTE: Layout = Layout {
    text: "2006-01-02T15:04",
    parts: &[Year, Text("-"), Month, Text("-"), Day, Text("T"), Hour, Text(":"), Minute],
};
const RFC3339: Layout = Layout {
    text: "2006-01-02T15:04:05Z07:00",
    parts: &[Year, Text("-"), Month, Text("-"), Day, Text("T"), Hour, Text(":"), Minute, Text(":"), Second, Zone],
};

/// A day such as `2024-04-01`, as `config.DayTime` reads it (pkg/storage/config/schema_config.go).
pub fn day(text: &str) -> Result<(), String> {
    parse(&DATE, text)
}

/// A moment as `flagext.Time` of dskit reads it: `0`, a day, a day with hour and minute, or RFC 3339.
pub fn moment(text: &str) -> Result<(), String> {
    let read = text == "0" || [DATE, DATE_MINUTE, RFC3339].iter().any(|layout| parse(layout, text).is_ok());
    if read { Ok(()) } else { Err(format!("failed to parse time: {}", super::quote::quote(text))) }
}

/// Why a part could not be read.
enum Bad {
    Form,
    Range(&'static str),
}

fn parse(layout: &Layout, value: &str) -> Result<(), String> {
    let mut rest = value;
    let (mut year, mut month, mut day) = (0, 0, 0);
    let error = |rest: &str, part: &str| {
        let (value, layout) = (quote(value), quote(layout.text));
        format!("parsing time {value} as {layout}: cannot parse {} as {}", quote(rest), quote(part))
    };
    for part in layout.parts {
        let before = rest;
        let read = match part {
            Text(text) => match rest.strip_prefix(text) {
                Some(after) => {
                    rest = after;
                    Ok(())
                }
                None => return Err(error(rest, text)),
            },
            Year => take_year(&mut rest).map(|number| year = number).ok_or(Bad::Form),
            Month => ranged(&mut rest, true, 1..=12, "month").map(|number| month = number),
            // Whether the month has the day is asked at the end.
            Day => number(&mut rest, true).map(|number| day = number).ok_or(Bad::Form),
            Hour => ranged(&mut rest, false, 0..=23, "hour").map(drop),
            Minute => ranged(&mut rest, true, 0..=59, "minute").map(drop),
            Second => ranged(&mut rest, true, 0..=59, "second").map(|_| skip_fraction(&mut rest)),
            Zone => zone(&mut rest),
        };
        match read {
            Ok(()) => {}
            Err(Bad::Form) => return Err(error(before, part.layout())),
            Err(Bad::Range(what)) => return Err(format!("parsing time {}: {what} out of range", quote(value))),
        }
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quote(value), quote(rest)));
    }
    if day < 1 || day > days_in(month, year) {
        return Err(format!("parsing time {}: day out of range", quote(value)));
    }
    Ok(())
}

impl Part {
    fn layout(self) -> &'static str {
        match self {
            Text(text) => text,
            Year => "2006",
            Month => "01",
            Day => "02",
            Hour => "15",
            Minute => "04",
            Second => "05",
            Zone => "Z07:00",
        }
    }
}

fn take_year(rest: &mut &str) -> Option<u32> {
    let digits = rest.get(..4)?;
    // Go's atoi takes a sign, but the first must be a digit here.
    let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
    *rest = &rest[4..];
    Some(number)
}

/// format.go, getnum: two digits, or one where `fixed` is not asked for.
fn number(rest: &mut &str, fixed: bool) -> Option<u32> {
    let bytes = rest.as_bytes();
    let digit = |index: usize| bytes.get(index).filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let first = digit(0)?;
    let (number, length) = match digit(1) {
        Some(second) => (first * 10 + second, 2),
        None if fixed => return None,
        None => (first, 1),
    };
    *rest = &rest[length..];
    Some(number)
}

fn ranged(rest: &mut &str, fixed: bool, range: std::ops::RangeInclusive<u32>, what: &'static str) -> Result<u32, Bad> {
    let number = number(rest, fixed).ok_or(Bad::Form)?;
    if range.contains(&number) { Ok(number) } else { Err(Bad::Range(what)) }
}

/// A fraction of a second needs no place in the layout.
fn skip_fraction(rest: &mut &str) {
    let Some(after) = rest.strip_prefix(['.', ',']) else { return };
    let digits = after.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        *rest = &after[digits..];
    }
}

fn zone(rest: &mut &str) -> Result<(), Bad> {
    if let Some(after) = rest.strip_prefix('Z') {
        *rest = after;
        return Ok(());
    }
    let bytes = rest.as_bytes();
    let two = |index: usize| match bytes.get(index..index + 2) {
        Some([tens, ones]) if tens.is_ascii_digit() && ones.is_ascii_digit() => {
            Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
        }
        _ => None,
    };
    if bytes.len() < 6 || bytes[3] != b':' {
        return Err(Bad::Form);
    }
    let (hour, minute) = (two(1), two(4));
    if hour.is_some_and(|hour| hour > 24) {
        return Err(Bad::Range("time zone offset hour"));
    }
    if hour.is_some() && minute.is_some_and(|minute| minute > 60) {
        return Err(Bad::Range("time zone offset minute"));
    }
    if hour.is_none() || minute.is_none() || !matches!(bytes[0], b'+' | b'-') {
        return Err(Bad::Form);
    }
    *rest = rest.get(6..).ok_or(Bad::Form)?;
    Ok(())
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(day("2024-02-29"), Ok(()));
        let error = |text: &str| day(text).unwrap_err();
        assert_eq!(error("2024-4-1"), r#"parsing time "2024-4-1" as "2006-01-02": cannot parse "4-1" as "01""#);
        assert_eq!(error("2024-02-30"), r#"parsing time "2024-02-30": day out of range"#);
        assert_eq!(error("2024-13-01"), r#"parsing time "2024-13-01": month out of range"#);
        assert_eq!(error("2024-01-01T00"), r#"parsing time "2024-01-01T00": extra text: "T00""#);
        assert_eq!(error(""), r#"parsing time "" as "2006-01-02": cannot parse "" as "2006""#);
    }

    #[test]
    fn moments() {
        for text in ["0", "2024-02-29", "2024-02-29T3:04", "2024-02-29T03:04:05.5Z", "2024-02-29T03:04:05+24:60"] {
            assert_eq!(moment(text), Ok(()), "{text}");
        }
        assert_eq!(moment("tomorrow").unwrap_err(), r#"failed to parse time: "tomorrow""#);
    }
}
