//! The log in the form that Terraform reads: hclog's JSON, one object a line, on stderr.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::level::{self, Level};

/// go-plugin reads lines through a buffer of 64 KiB and takes what does not fit for plain text.
const LONGEST_LINE: usize = 60 << 10;

/// Sends this process' events to stderr, panics among them.
pub(super) fn install(level: Level) {
    let layer = Hclog(|line: &str| {
        // One write per line, so that lines of several threads do not mix; where nobody listens there is nothing to do.
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    });
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(level::filter(level)));
    // It fails only where a subscriber is set already: then that one logs.
    let _ = tracing::subscriber::set_global_default(subscriber);
    std::panic::set_hook(Box::new(|panic| {
        let text = without_values(panic.payload());
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        // Terraform takes a line that starts with `panic: ` for the end of the provider: this one is JSON.
        tracing::error!(panic_location = at, panic_message = text, "A part of the provider panicked");
    }));
}

/// A panic's message where it is a literal. A formatted one may quote a value, which may be a secret.
fn without_values(payload: &dyn std::any::Any) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("left out: it may hold values")
}

/// Writes each event as one line; the function gets it with its final newline.
struct Hclog<W>(W);

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.0.insert(field.name(), value.to_string());
    }
}

impl<S, W> Layer<S> for Hclog<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&str) + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.iter().map(|(name, value)| (*name, value.clone())));
            }
        }
        event.record(&mut fields);
        let module = event.metadata().target().replacen("loki_provider", "loki", 1).replace("::", ".");
        (self.0)(&line(*event.metadata().level(), &module, fields.0));
    }
}

fn line(level: tracing::Level, module: &str, mut fields: BTreeMap<&'static str, String>) -> String {
    let message = fields.remove("message").unwrap_or_default();
    let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string();
    let mut longest = LONGEST_LINE;
    loop {
        let mut object = serde_json::Map::new();
        let own = [("@level", level.as_str().to_ascii_lowercase()), ("@module", module.to_owned())];
        let own = own.into_iter().chain([("@timestamp", now.clone()), ("@message", message.clone())]);
        for (name, value) in own.chain(fields.clone()) {
            object.insert(name.to_owned(), cut(value, longest).into());
        }
        let mut line = serde_json::Value::Object(object).to_string();
        if line.len() < LONGEST_LINE || longest == 0 {
            line.push('\n');
            return line;
        }
        longest /= 2;
    }
}

/// The text, shortened to about that many bytes.
fn cut(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let all = text.len();
        text.truncate(text.floor_char_boundary(longest));
        let _ = write!(text, "… ({} bytes more)", all - text.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    fn logged(level: Level, act: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let to = lines.clone();
        let layer = Hclog(move |line: &str| to.lock().unwrap().push(line.to_owned()));
        let subscriber = tracing_subscriber::registry().with(layer.with_filter(level::filter(level)));
        tracing::subscriber::with_default(subscriber, act);
        let lines = lines.lock().unwrap();
        for line in lines.iter() {
            assert!(line.ends_with('\n') && line.len() < 64 << 10, "{} bytes", line.len());
        }
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn an_event_carries_its_spans_and_is_all_strings() {
        let lines = logged(Level::INFO, || {
            let span = tracing::info_span!("rpc", tf_rpc = "ReadResource", tf_resource_type = tracing::field::Empty);
            span.record("tf_resource_type", "loki_stack");
            span.in_scope(|| tracing::info!(ready = 2, total = 3u64, "Waiting for {}", "pods"));
            tracing::debug!("not at this level");
        });
        let [line] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(line["@message"], "Waiting for pods");
        assert_eq!(line["@level"], "info");
        assert_eq!(line["@module"], "loki.plugin.hclog.tests");
        assert_eq!(line["tf_rpc"], "ReadResource");
        assert_eq!(line["tf_resource_type"], "loki_stack");
        assert_eq!(line["ready"], "2");
        assert!(line.as_object().unwrap().values().all(Value::is_string));
    }

    #[test]
    fn timestamps_have_six_decimals() {
        let lines = logged(Level::INFO, || tracing::info!("now"));
        let time = lines[0]["@timestamp"].as_str().unwrap();
        assert_eq!((time.len(), &time[19..20], &time[26..]), ("2006-01-02T15:04:05.000000Z".len(), ".", "Z"));
        time.parse::<jiff::Timestamp>().unwrap();
    }

    #[test]
    fn a_panic_is_logged_without_values() {
        let value = String::from("hunter2");
        let quoting = std::panic::catch_unwind(|| panic!("{value}")).unwrap_err();
        assert_eq!(without_values(&*quoting), "left out: it may hold values");
        let literal = std::panic::catch_unwind(|| panic!("no such component")).unwrap_err();
        assert_eq!(without_values(&*literal), "no such component");
    }

    #[test]
    fn lines_that_are_too_long_are_cut() {
        // Each quotation mark needs two bytes.
        let lines = logged(Level::INFO, || tracing::info!(a = "\"".repeat(70_000), b = "ä".repeat(70_000), "{}", "m"));
        assert!(lines[0]["a"].as_str().unwrap().contains("bytes more"), "{}", lines[0]["a"]);
        assert_eq!(lines[0]["@message"], "m");
    }
}
