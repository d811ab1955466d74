//! How much is logged: the rules of terraform-plugin-log.

pub(super) use tracing_subscriber::filter::LevelFilter as Level;

use tracing_subscriber::filter::Targets;

/// The variables in the order of their precedence. Terraform filters once more by the last two.
const VARIABLES: [&str; 3] = ["TF_LOG_PROVIDER_LOKI", "TF_LOG_PROVIDER", "TF_LOG"];

/// The level that the environment asks for; errors alone where it asks for none.
pub(super) fn read(variable: &dyn Fn(&str) -> Option<String>) -> Level {
    let asked = VARIABLES.iter().find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match asked.map(|level| level.to_ascii_uppercase()).as_deref() {
        None | Some("ERROR") => Level::ERROR,
        Some("OFF") => Level::OFF,
        Some("WARN") => Level::WARN,
        Some("INFO") => Level::INFO,
        Some("DEBUG") => Level::DEBUG,
        // TRACE and JSON, and like Terraform itself whatever is not known.
        Some(_) => Level::TRACE,
    }
}

/// What passes: this crate's events up to `level`. Other crates are heard at TRACE alone, and then only what they say
/// at INFO: below that, HTTP clients show headers and the AWS SDK shows the requests that it signs.
pub(super) fn filter(level: Level) -> Targets {
    let others = if level == Level::TRACE { Level::INFO } else { Level::OFF };
    Targets::new().with_default(others).with_target("loki_provider", level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(variables: &[(&str, &str)]) -> Level {
        read(&|name| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    #[test]
    fn the_most_specific_variable_wins() {
        assert_eq!(level(&[]), Level::ERROR);
        assert_eq!(level(&[("TF_LOG", "info")]), Level::INFO);
        assert_eq!(level(&[("TF_LOG", "info"), ("TF_LOG_PROVIDER", "WARN")]), Level::WARN);
        assert_eq!(level(&[("TF_LOG_PROVIDER", "WARN"), ("TF_LOG_PROVIDER_LOKI", "off")]), Level::OFF);
        assert_eq!(level(&[("TF_LOG", "json")]), Level::TRACE);
        assert_eq!(level(&[("TF_LOG", "nonsense")]), Level::TRACE);
        assert_eq!(level(&[("TF_LOG", "debug"), ("TF_LOG_PROVIDER", "")]), Level::DEBUG);
    }

    #[test]
    fn other_crates_are_heard_at_trace_alone_and_never_in_detail() {
        use tracing::Level as Of;
        assert!(filter(Level::DEBUG).would_enable("loki_provider::aws", &Of::DEBUG));
        assert!(!filter(Level::DEBUG).would_enable("hyper::proto", &Of::ERROR));
        assert!(filter(Level::TRACE).would_enable("kube_client::client", &Of::INFO));
        assert!(!filter(Level::TRACE).would_enable("aws_sigv4::http_request", &Of::DEBUG));
    }
}
