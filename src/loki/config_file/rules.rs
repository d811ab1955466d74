//! What Loki's Config.Validate refuses (pkg/loki/loki.go), by section, and in [`advice`] what it does not
//! check. Loki reports every section's first refusal; so do these.

mod advice;
#[cfg(test)]
mod areas_tests;
mod compactor;
mod components;
mod distributor;
mod experimental;
pub(super) mod limits;
mod query;
mod relabel;
mod ruler;
mod schema;
mod start;
mod storage;
#[cfg(test)]
mod testing;
mod text;

use super::{Findings, View};

pub(super) use advice::limits::tenant as advise_tenant;
pub(super) use schema::active_period;

/// All rules in Loki's order. That order is the same in every version; sections come and go.
pub(super) fn all(view: View<'_>, out: &mut Findings) {
    start::start(view, out);
    if out.refused() {
        return;
    }
    schema::schema(view, out);
    storage::storage(view, out);
    query::query_range(view, out);
    query::querier(view, out);
    query::query_scheduler(view, out);
    ruler::ruler(view, out);
    storage::ruler_storage(view, out);
    components::ingester(view, out);
    experimental::block_builder(view, out);
    experimental::block_scheduler(view, out);
    limits::limits(view, out);
    experimental::ingest_limits(view, out);
    query::frontend_worker(view, out);
    components::index_gateway(view, out);
    compactor::compactor(view, out);
    query::query_range(view, out);
    components::blooms(view, out);
    components::pattern_ingester(view, out);
    experimental::kafka(view, out);
    distributor::distributor(view, out);
    experimental::ui(view, out);
    schema::compatibility(view, out);
    advice::advise(view, out);
}

/// grpcclient.Config.Validate: the compression.
fn grpc_client(client: View<'_>) -> Option<storage::Broken> {
    let compression = client.text("grpc_compression");
    let known = ["", "gzip", "snappy"].contains(&compression);
    // dskit quotes it since the version that Loki 3.3 took.
    let named = if client.minor() >= 3 { format!("{compression:?}") } else { compression.to_owned() };
    (!known).then(|| {
        (
            "grpc_compression".into(),
            format!("unsupported compression type: {named}"),
            "Use snappy, gzip, or leave it out.",
        )
    })
}

/// Refuses with the section's prefix.
fn refuse(out: &mut Findings, view: View<'_>, section: &str, found: Option<storage::Broken>) {
    if let Some((path, text, hint)) = found {
        out.refuse(view, &path, format!("CONFIG ERROR: invalid {section} config: {text}")).hint(hint);
    }
}

/// A duration as Go prints it (time.Duration.String), from nanoseconds.
fn go_duration(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let fraction = |value: u128, unit: u128| {
        let (whole, rest) = (value / unit, value % unit);
        if rest == 0 {
            return whole.to_string();
        }
        let digits = unit.ilog10() as usize;
        format!("{whole}.{}", format!("{rest:0digits$}").trim_end_matches('0'))
    };
    let text = match total {
        0 => return "0s".into(),
        1..1_000 => format!("{total}ns"),
        1_000..1_000_000 => format!("{}µs", fraction(total, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", fraction(total, 1_000_000)),
        _ => {
            let seconds = format!("{}s", fraction(total % 60_000_000_000, 1_000_000_000));
            let minutes = total / 60_000_000_000;
            match (minutes / 60, minutes % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::go_duration;

    #[test]
    fn durations_read_as_in_go() {
        const SECOND: i128 = 1_000_000_000;
        for (value, text) in [
            (0, "0s"),
            (SECOND, "1s"),
            (90 * SECOND, "1m30s"),
            (3600 * SECOND, "1h0m0s"),
            (1_500_000, "1.5ms"),
            (-SECOND / 2, "-500ms"),
            (61 * SECOND + 50_000_000, "1m1.05s"),
        ] {
            assert_eq!(go_duration(value), text);
        }
    }
}
