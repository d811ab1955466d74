//! Periods of the schema that work and should not be.

use super::super::super::{Findings, View};

/// Index types that Loki 4.0 no longer reads (docs, "Upgrade Loki"; pkg/storage/types).
const LEGACY: [&str; 8] =
    ["aws", "aws-dynamo", "bigtable", "bigtable-hashed", "boltdb", "cassandra", "gcp", "gcp-columnkey"];

pub(super) fn schema(view: View<'_>, out: &mut Findings) {
    let periods = view.items("schema_config.configs");
    let day = |period: &View<'_>| period.text("from").parse::<jiff::civil::Date>().ok();
    if let (Some(first), Some(today)) = (periods.first(), out.today)
        && day(first).is_some_and(|from| from > today)
    {
        out.warn(
            *first,
            "from",
            "no period is in force yet: logs from before the first period's date cannot be stored",
        )
        .hint("Let the first period begin in the past.");
    }
    for period in &periods {
        let store = period.text("store");
        if LEGACY.contains(&store) {
            out.warn(*period, "store", format!("the index type {store} is deprecated, and Loki 4.0 does not read it"))
                .hint("Add a period with store: tsdb and schema: v13 from a day to come, and keep this one until its logs have expired.");
        }
    }
    let Some(last) = periods.last() else { return };
    if last.text("store") == "boltdb-shipper" {
        out.warn(*last, "store", "the index type boltdb-shipper is deprecated; tsdb is what Loki recommends")
            .hint("Add a period with store: tsdb and schema: v13 from a day to come; leave this one as it is.");
    }
}
