//! The deep test: what is pushed to Loki and how it is asked back. Sending, waiting and the clock are the caller's.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::health::{Health, State};

/// Label `job` of every line that a deep test pushes: one stream for each tenant, whatever is tested how often.
pub const JOB: &str = "terraform-provider-loki";
/// Path of the push API.
pub const PUSH_PATH: &str = "/loki/api/v1/push";
/// The tenant that a multi-tenant Loki is tested with where none is named.
pub const TENANT: &str = "terraform-provider-loki";

/// Nanoseconds around the line's own time that are searched: rounding, and end points that are left out.
const MARGIN: u64 = 1_000_000_000;

/// One line, marked so that no other is taken for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its time, in nanoseconds since 1970.
    nanoseconds: u64,
    /// Its text.
    text: String,
}

impl Line {
    /// A line of that time, in nanoseconds since 1970, which is its mark as well.
    pub fn new(nanoseconds: u64) -> Self {
        Self { nanoseconds, text: format!("test of writing and reading, mark {nanoseconds:x}") }
    }

    /// Body of the push, as JSON.
    pub fn push_body(&self) -> String {
        let value = json!([self.nanoseconds.to_string(), self.text]);
        json!({"streams": [{"stream": {"job": JOB}, "values": [value]}]}).to_string()
    }

    /// Path and query that ask for the line.
    pub fn query_path(&self) -> String {
        let query = format!("{{job={JOB:?}}} |= {:?}", self.text);
        let (start, end) = (self.nanoseconds.saturating_sub(MARGIN), self.nanoseconds.saturating_add(MARGIN));
        let query = utf8_percent_encode(&query, NON_ALPHANUMERIC);
        format!("/loki/api/v1/query_range?query={query}&start={start}&end={end}&limit=1")
    }

    /// Whether the answer to [`Line::query_path`] holds the line.
    pub fn is_in(&self, body: &str) -> bool {
        let answer: Value = serde_json::from_str(body).unwrap_or_default();
        let streams = answer["data"]["result"].as_array().into_iter().flatten();
        streams.flat_map(|stream| stream["values"].as_array().into_iter().flatten()).any(|value| value[1] == self.text)
    }
}

/// A step of the deep test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The line was to be taken.
    Push,
    /// The line was to be returned.
    ReadBack,
}

/// Why the test failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The step that failed.
    pub step: Step,
    /// A phrase for the reason, without numbers that move.
    pub reason: String,
    /// What the user can do; may be empty.
    pub fix: String,
}

impl Failure {
    /// Loki's refusal: its HTTP status and its first words.
    pub fn refused(step: Step, status: u16, words: &str) -> Self {
        let fix = match status {
            401 => "The stack is multi-tenant: name the tenant to test with.",
            429 => "The tenant is above its ingestion limits: raise them (limits), or test with another tenant.",
            403 => "Something in front of Loki refuses the request: a policy or a proxy.",
            500.. => "Loki's log says more: kubectl logs of its pods.",
            _ => "",
        };
        let doing = match step {
            Step::Push => "refuses a line",
            Step::ReadBack => "refuses a query",
        };
        Self { step, reason: format!("Loki {doing} with status {status}: {words}"), fix: fix.to_owned() }
    }

    /// Nothing of Loki could be asked; `why` is a phrase.
    pub fn unanswered(step: Step, why: &str) -> Self {
        let doing = match step {
            Step::Push => "no line could be pushed",
            Step::ReadBack => "the line could not be asked back",
        };
        Self { step, reason: format!("{doing}: {why}"), fix: String::new() }
    }

    /// The line was taken and is not returned.
    pub fn not_returned() -> Self {
        Self {
            step: Step::ReadBack,
            reason: "Loki took a line and does not return it".to_owned(),
            fix:
                "Look at the rings and at the log of the pods that answer queries; allow more time where the stack is \
                  only slow."
                    .to_owned(),
        }
    }
}

impl Health {
    /// Adds that the deep test failed: a Loki that does not take or return logs does not serve.
    pub fn failed_deep_test(&mut self, failure: &Failure) {
        self.state = State::Failed;
        self.reasons.push(format!("DeepTestFailed: {}", failure.reason));
        self.reasons.sort();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_line_is_asked_for_and_recognised() {
        let line = Line::new(1_700_000_000_000_000_000);
        let body: Value = serde_json::from_str(&line.push_body()).unwrap();
        let stream = &body["streams"][0];
        assert_eq!(stream["stream"]["job"], JOB);
        assert_eq!(stream["values"][0][0], "1700000000000000000");
        let answer = json!({"status": "success", "data": {"resultType": "streams", "result": [
            {"stream": {"job": JOB}, "values": [["1", "another"], stream["values"][0]]},
        ]}});
        assert!(line.is_in(&answer.to_string()));
        assert!(!Line::new(1).is_in(&answer.to_string()));
        assert!(!line.is_in("<html>"));
    }

    #[test]
    fn the_query_is_safe_in_a_url() {
        let path = Line::new(2_000_000_000).query_path();
        assert!(
            path.starts_with("/loki/api/v1/query_range?query=%7Bjob%3D%22terraform%2Dprovider%2Dloki%22%7D"),
            "{path}"
        );
        assert!(path.ends_with("&start=1000000000&end=3000000000&limit=1"), "{path}");
        assert!(path.is_ascii() && !path.contains(['"', ' ', '{', '|']), "{path}");
    }

    #[test]
    fn a_failure_makes_the_stack_fail_with_its_reason() {
        let mut health = Health { state: State::Healthy, reasons: vec!["Z: z".into()], components: BTreeMap::new() };
        health.failed_deep_test(&Failure::refused(Step::Push, 401, "no org id"));
        assert_eq!(health.state, State::Failed);
        assert_eq!(health.reasons, ["DeepTestFailed: Loki refuses a line with status 401: no org id", "Z: z"]);
    }
}
