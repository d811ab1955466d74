//! The kinds of agents, and what is particular to each: image, ports, files.

/// An agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Grafana Alloy (<https://grafana.com/docs/alloy/latest/>).
    #[default]
    Alloy,
    /// The OpenTelemetry Collector's contrib distribution, by Loki's OTLP endpoint
    /// (<https://grafana.com/docs/loki/latest/send-data/otel/>).
    OtelCollector,
    /// Vector (<https://vector.dev/docs/>).
    Vector,
    /// Promtail (<https://grafana.com/docs/loki/latest/send-data/promtail/>), whose support has ended.
    Promtail,
    /// Fluent Bit (<https://docs.fluentbit.io/manual>).
    FluentBit,
}

/// How a kind is run.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Image repository.
    pub repository: &'static str,
    /// The version that is run when the user names none, as the image's tag has it.
    pub version: &'static str,
    /// What the tag has before the version, and after it.
    pub tag: (&'static str, &'static str),
    /// The configuration file's name.
    pub file: &'static str,
    /// The port that tells whether the agent is ready, and the path.
    pub ready: (u16, &'static str),
    /// The port of its metrics, and the path.
    pub metrics: (u16, &'static str),
    /// The metric that counts what Loki has taken.
    pub sent: &'static str,
}

impl Kind {
    /// Every kind; the first is the default.
    pub const ALL: [Kind; 5] = [Kind::Alloy, Kind::OtelCollector, Kind::Vector, Kind::Promtail, Kind::FluentBit];

    /// Its name in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Alloy => "alloy",
            Kind::OtelCollector => "otel_collector",
            Kind::Vector => "vector",
            Kind::Promtail => "promtail",
            Kind::FluentBit => "fluent_bit",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Its name in the names of objects.
    pub fn slug(self) -> String {
        self.as_str().replace('_', "-")
    }

    /// How it is run.
    pub fn program(self) -> Program {
        match self {
            Kind::Alloy => Program {
                repository: "docker.io/grafana/alloy",
                version: "1.12.0",
                tag: ("v", ""),
                file: "config.alloy",
                ready: (12345, "/-/ready"),
                metrics: (12345, "/metrics"),
                sent: "loki_write_sent_entries_total",
            },
            Kind::OtelCollector => Program {
                repository: "docker.io/otel/opentelemetry-collector-contrib",
                version: "0.165.0",
                tag: ("", ""),
                file: "config.yaml",
                ready: (13133, "/"),
                metrics: (8888, "/metrics"),
                sent: "otelcol_exporter_sent_log_records",
            },
            // Of Vector's images Debian's alone has journalctl.
            Kind::Vector => Program {
                repository: "docker.io/timberio/vector",
                version: "0.51.1",
                tag: ("", "-debian"),
                file: "vector.yaml",
                ready: (8686, "/health"),
                metrics: (9598, "/metrics"),
                sent: "vector_component_sent_events_total",
            },
            Kind::Promtail => Program {
                repository: "docker.io/grafana/promtail",
                version: "3.5.7",
                tag: ("", ""),
                file: "promtail.yaml",
                ready: (3101, "/ready"),
                metrics: (3101, "/metrics"),
                sent: "promtail_sent_entries_total",
            },
            Kind::FluentBit => Program {
                repository: "docker.io/fluent/fluent-bit",
                version: "4.1.1",
                tag: ("", ""),
                file: "fluent-bit.yaml",
                ready: (2020, "/api/v1/health"),
                metrics: (2020, "/api/v2/metrics/prometheus"),
                sent: "fluentbit_output_proc_records_total",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_kinds() {
        assert!(Kind::ALL.into_iter().all(|kind| Kind::named(kind.as_str()) == Some(kind)));
        assert_eq!((Kind::named("fluentd"), Kind::default()), (None, Kind::ALL[0]));
        assert_eq!(Kind::OtelCollector.slug(), "otel-collector");
    }
}
