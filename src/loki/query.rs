//! Queries in LogQL by Loki's HTTP API (<https://grafana.com/docs/loki/latest/reference/loki-http-api/>).

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::config_file::grammar::selector;
use super::duration::HOUR;
use super::version::NEWEST;

/// How far back a query for lines goes where nothing is said.
const USUAL: u64 = HOUR;

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// LogQL.
    pub query: String,
    /// The time that it is over.
    pub period: Period,
    /// Milliseconds between two points; Loki chooses without.
    pub step: Option<u64>,
    /// The most lines.
    pub limit: i64,
    /// Which lines come first.
    pub direction: Direction,
}

/// A time. With neither beginning it is an instant, or for lines an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Period {
    /// Milliseconds back from its end.
    pub since: Option<u64>,
    /// Its beginning.
    pub start: Option<Timestamp>,
    /// Its end; now without.
    pub end: Option<Timestamp>,
}

/// Which lines come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The oldest.
    Forward,
    /// The newest.
    Backward,
}

/// Path and query of a question that every stack can answer, over an hour of long ago. An index gateway that is asked for
/// today's table keeps what it finds for minutes (tsdb_shipper.resync_interval, 5m), and would not see what an ingester that
/// leaves for good writes in between.
pub fn probe(now: Timestamp) -> String {
    let hours = |hours: i64| now.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap_or(now).as_nanosecond();
    format!("/loki/api/v1/labels?start={}&end={}", hours(50), hours(49))
}

/// Why the text is no query; none where nothing speaks against it.
pub fn refused(text: &str) -> Option<String> {
    selector::not_a_query(text, NEWEST.minor)
}

impl Request {
    /// Path and query of the request.
    pub fn path(&self, now: Timestamp) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let direction = if self.direction == Direction::Forward { "forward" } else { "backward" };
        let common = format!("query={}&limit={}&direction={direction}", encode(&self.query), self.limit);
        let end = self.period.end.unwrap_or(now);
        // Loki answers queries for lines over a time alone (pkg/logql/engine.go, ErrUnsupportedSyntaxForInstantQuery).
        let usual = self.query.trim_start().starts_with('{').then_some(USUAL);
        let back = |milliseconds: u64| {
            let span = jiff::SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
            end.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH)
        };
        match self.period.start.or(self.period.since.or(usual).map(back)) {
            None => format!("/loki/api/v1/query?{common}&time={}", end.as_nanosecond()),
            Some(start) => {
                let step = self.step.map(|step| format!("&step={}.{:03}", step / 1000, step % 1000));
                let (start, end) = (start.as_nanosecond(), end.as_nanosecond());
                format!("/loki/api/v1/query_range?{common}&start={start}&end={end}{}", step.unwrap_or_default())
            }
        }
    }
}

/// What Loki answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `streams`, `vector`, `matrix` or `scalar`.
    pub kind: String,
    /// The streams or series, by their labels.
    pub series: Vec<Series>,
}

/// A stream or series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Times as RFC 3339 with lines or numbers.
    pub values: Vec<(String, String)>,
}

impl Answer {
    /// Reads an answer.
    ///
    /// # Errors
    /// When it is none of Loki's; the text says what is missing.
    pub fn parse(body: &str) -> Result<Self, String> {
        let body: Value = serde_json::from_str(body).map_err(|_| "it is no JSON".to_owned())?;
        let data = &body["data"];
        let kind = data["resultType"].as_str().ok_or("it has no resultType")?.to_owned();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pair = |value: &Value| Some((time(value.get(0)?), text(value.get(1)?)));
        let read = |one: &Value| {
            let labels = one.get("stream").or(one.get("metric")).and_then(Value::as_object);
            let labels = labels.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect();
            let values = one["values"].as_array().into_iter().flatten().chain(one.get("value"));
            Series { labels, values: values.filter_map(pair).collect() }
        };
        let mut series: Vec<Series> = match &data["result"] {
            result if kind == "scalar" => {
                vec![Series { labels: BTreeMap::new(), values: pair(result).into_iter().collect() }]
            }
            result => result.as_array().ok_or("it has no result")?.iter().map(read).collect(),
        };
        // Loki's order is that of a map: the same answer shall be the same data.
        series.sort_by(|one, other| one.labels.cmp(&other.labels));
        Ok(Self { kind, series })
    }
}

/// Nanoseconds as text (lines), or seconds as a number (points).
fn time(value: &Value) -> String {
    let nanoseconds = match value {
        Value::String(text) => text.parse().ok(),
        // Milliseconds are what Loki's numbers are precise to.
        #[expect(clippy::cast_possible_truncation, reason = "rounded to milliseconds, far below the limit")]
        Value::Number(number) => {
            number.as_f64().map(|seconds| i128::from((seconds * 1000.0).round() as i64) * 1_000_000)
        }
        _ => None,
    };
    let time = nanoseconds.and_then(|nanoseconds| Timestamp::from_nanosecond(nanoseconds).ok());
    time.map_or_else(|| value.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(query: &str) -> Request {
        let direction = Direction::Backward;
        Request { query: query.into(), period: Period::default(), step: None, limit: 10, direction }
    }

    #[test]
    fn lines_are_asked_for_over_a_time_and_metrics_at_an_instant() {
        let now: Timestamp = "2026-01-01T01:00:00Z".parse().unwrap();
        let lines = request("{a=\"b\"}").path(now);
        let expected = "/loki/api/v1/query_range?query=%7Ba%3D%22b%22%7D&limit=10&direction=backward\
                        &start=1767225600000000000&end=1767229200000000000";
        assert_eq!(lines, expected);
        let metric = request("rate({a=\"b\"}[5m])");
        assert!(metric.path(now).starts_with("/loki/api/v1/query?"));
        assert!(metric.path(now).ends_with("&time=1767229200000000000"));
        let period = Period { since: Some(HOUR), ..Period::default() };
        let over = Request { period, step: Some(1500), ..metric };
        assert!(over.path(now).ends_with("&start=1767225600000000000&end=1767229200000000000&step=1.500"));
    }

    #[test]
    fn answers_of_each_kind_are_read() {
        let read = |result: &str| Answer::parse(&format!("{{\"data\": {result}}}")).unwrap();
        let streams = read(
            r#"{"resultType": "streams", "result": [
                {"stream": {"a": "2"}, "values": [["1767225600000000001", "line"]]}, {"stream": {"a": "1"}, "values": []}]}"#,
        );
        assert_eq!(streams.series[0].labels["a"], "1");
        assert_eq!(streams.series[1].values, [("2026-01-01T00:00:00.000000001Z".to_owned(), "line".to_owned())]);
        let vector = read(r#"{"resultType": "vector", "result": [{"metric": {}, "value": [1767225600.5, "0.25"]}]}"#);
        assert_eq!(vector.series[0].values, [("2026-01-01T00:00:00.5Z".to_owned(), "0.25".to_owned())]);
        let scalar = read(r#"{"resultType": "scalar", "result": [1767225600, "2"]}"#);
        assert_eq!(scalar.series[0].values, [("2026-01-01T00:00:00Z".to_owned(), "2".to_owned())]);
        assert!(Answer::parse("<html>").is_err());
    }

    #[test]
    fn what_is_no_query_is_told() {
        assert_eq!(refused("{a=\"b\"} |= \"x\" | json"), None);
        assert_eq!(refused("sum(rate({a=\"b\"}[5m]))"), None);
        for wrong in ["", "{a=}", "{a=\"b\"", "rate({a=\"b\"}[5m]", "errors"] {
            assert!(refused(wrong).is_some(), "{wrong}");
        }
    }
}
