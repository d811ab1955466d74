//! What compactors say of their work: pkg/compactor/metrics.go.

use super::reasons::{Reason, degraded};
use super::wire::samples;
use crate::loki::duration;
use crate::loki::options::Options;

/// Seconds that a compactor has to take up its work: it looks for itself in its ring every 5 (pkg/compactor/compactor.go).
const START: f64 = 60.0;
/// Seconds between two runs, where the configuration does not say it (`compactor.compaction_interval`).
const INTERVAL: f64 = 600.0;

/// A pod that may compact, by its metrics. Times are in seconds before they were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compactor {
    /// For how long its process has run.
    pub up: f64,
    /// Whether it is the one that works: one of a ring does.
    pub running: bool,
    /// Its merging of index files.
    pub compaction: Runs,
    /// Its deletion of what has expired.
    pub retention: Runs,
}

/// Runs of one kind since the process began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runs {
    /// Whether one has failed.
    pub failed: bool,
    /// When the last one succeeded; none where none has.
    pub succeeded: Option<f64>,
}

/// Reads the metrics of a pod that may compact at `now`, in seconds since 1970; none where it is no compactor's.
pub fn compactor(metrics: &str, now: f64) -> Option<Compactor> {
    // The prefixes are others in older versions.
    let sample = |suffix: &str| samples(metrics, |series| series.ends_with(suffix)).next();
    let runs = |name: &str| Runs {
        failed: sample(&format!("{name}_operation_total{{status=\"failure\"}}")).is_some_and(|count| count > 0.0),
        succeeded: sample(&format!("{name}_operation_last_successful_run_timestamp_seconds"))
            .or(sample(&format!("{name}_last_successful_run_timestamp_seconds")))
            .filter(|at| *at > 0.0)
            .map(|at| now - at),
    };
    Some(Compactor {
        up: now - sample("process_start_time_seconds")?,
        running: sample("_compactor_running")? > 0.0,
        compaction: runs("compact_tables"),
        retention: runs("apply_retention"),
    })
}

/// Index that is not merged, and logs that do not expire.
pub fn reasons(compactors: &[Compactor], options: &Options) -> Vec<Reason> {
    if compactors.is_empty() || compactors.iter().any(|it| it.up < START) {
        return Vec::new();
    }
    if !compactors.iter().any(|it| it.running) {
        return vec![degraded(
            "CompactorNotRunning",
            "no compactor works: index files are not merged, and nothing expires",
        )];
    }
    let said = options.config_overrides["compactor"]["compaction_interval"].as_str();
    let interval = said.and_then(duration::parse).map_or(INTERVAL, |milliseconds| milliseconds as f64 / 1000.0);
    // One failure among successes is a store that hiccuped.
    let fails = |runs: &Runs| runs.failed && runs.succeeded.is_none_or(|ago| ago > 3.0 * interval);
    let any = |of: fn(&Compactor) -> &Runs| compactors.iter().filter(|it| it.running).map(of).any(fails);
    let mut found = Vec::new();
    if any(|it| &it.compaction) {
        found.push(degraded(
            "FailedCompaction",
            "the compactor fails to merge index files, so that queries become slower",
        ));
    }
    if options.retention_enabled() && any(|it| &it.retention) {
        found.push(degraded("FailedRetention", "the compactor fails to delete what has expired"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Loki 3.7.8 prints them.
    const METRICS: &str = "# TYPE loki_boltdb_shipper_compact_tables_operation_total counter\n\
        loki_boltdb_shipper_compact_tables_operation_total{status=\"failure\"} 2\n\
        loki_boltdb_shipper_compact_tables_operation_total{status=\"success\"} 7\n\
        loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds 1.0e+03\n\
        loki_boltdb_shipper_compactor_running 1\n\
        loki_compactor_apply_retention_operation_total{status=\"success\"} 3\n\
        loki_compactor_apply_retention_last_successful_run_timestamp_seconds 1.1e+03\n\
        process_start_time_seconds 200\n";

    fn judged(compactor: Compactor, options: &Options) -> Vec<String> {
        let words = reasons(&[compactor], options).into_iter().map(|reason| reason.to_string());
        words.map(|text| text.split(':').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn metrics_tell_the_runs() {
        let compaction = Runs { failed: true, succeeded: Some(200.0) };
        let retention = Runs { failed: false, succeeded: Some(100.0) };
        let expected = Compactor { up: 1000.0, running: true, compaction, retention };
        assert_eq!(compactor(METRICS, 1200.0), Some(expected));
        assert_eq!(compactor("process_start_time_seconds 1", 1200.0), None, "a querier");
    }

    #[test]
    fn a_failure_counts_once_no_run_succeeds() {
        let options = Options { retention: Some("7d".into()), ..Options::default() };
        let at = |now: f64| judged(compactor(METRICS, now).unwrap(), &options);
        assert_eq!(at(1200.0), [""; 0]);
        assert_eq!(at(2900.0), ["FailedCompaction"]);
        let slow = serde_json::json!({"compactor": {"compaction_interval": "2h"}});
        assert_eq!(
            judged(compactor(METRICS, 2900.0).unwrap(), &Options { config_overrides: slow, ..options }),
            [""; 0]
        );
    }

    #[test]
    fn retention_counts_where_there_is_one() {
        let failing = Runs { failed: true, succeeded: None };
        let it = Compactor { up: 90.0, running: true, retention: failing, ..Compactor::default() };
        assert_eq!(judged(it.clone(), &Options::default()), [""; 0]);
        assert_eq!(judged(it, &Options { retention: Some("7d".into()), ..Options::default() }), ["FailedRetention"]);
    }

    #[test]
    fn one_compactor_works_after_a_while() {
        let idle = |up: f64| Compactor { up, ..Compactor::default() };
        assert_eq!(judged(idle(30.0), &Options::default()), [""; 0]);
        assert_eq!(judged(idle(90.0), &Options::default()), ["CompactorNotRunning"]);
        let works = Compactor { running: true, ..idle(90.0) };
        assert!(reasons(&[idle(90.0), works], &Options::default()).is_empty());
    }
}
