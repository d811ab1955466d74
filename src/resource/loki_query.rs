//! `loki_query`: what a stack answers to LogQL.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::loki_health::validate_tenant;
use super::loki_stack::examine::{self, query_not_allowed};
use super::provider::Connections;
use super::timeouts::{self, Limit, ReadTimeouts, bounded};
use super::{Call, DataSource};
use crate::kube::{Error, ProxyRequest, ProxyTarget};
use crate::loki::query::{Answer, Direction, Period, Request};
use crate::loki::{self, duration};
use crate::schema::{Diagnostics, Int, Problem, Report, Schematic, Value, at};

/// The answer of a Grafana Loki stack to a LogQL query, for `check` blocks, postconditions and tests: that an application
/// logs, that nothing logs errors. It is asked through the cluster's API server, as kubectl does, so Loki need not be
/// reachable from where Terraform runs. **Lines and labels become part of the state.**
///
/// A metric query is one at an instant unless `since` or `start` is set; a query for lines is always over a time, of one
/// hour where nothing else is said.
///
/// The user of the provider's `kubernetes` block needs `get` of statefulsets (`apps`), configmaps and services/proxy, in
/// the namespace.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct LokiQuery {
    /// Namespace of the stack.
    #[attr(required)]
    pub namespace: Value<String>,
    /// Name of the stack.
    #[attr(required)]
    pub name: Value<String>,
    /// The query in LogQL, such as `{app="shop"} |= "error"` or `sum(rate({app="shop"}[5m]))`.
    #[attr(required)]
    pub query: Value<String>,
    /// Tenant (header `X-Scope-OrgID`), where the stack is multi-tenant; several are joined by `|`.
    #[attr(optional)]
    pub tenant: Value<String>,
    /// How far back the query goes from now, such as `30m` or `7d`.
    #[attr(optional)]
    pub since: Value<String>,
    /// Beginning of the time that the query is over, as RFC 3339, in place of `since`.
    #[attr(optional)]
    pub start: Value<String>,
    /// End of that time, as RFC 3339, or the instant of the query. Without it now.
    #[attr(optional)]
    pub end: Value<String>,
    /// Time between two points of a metric query over a time, such as `1m`. Without it Loki chooses.
    #[attr(optional)]
    pub step: Value<String>,
    /// The most lines that are returned.
    #[attr(optional, default = 100)]
    pub limit: Value<Int>,
    /// `backward`, for the newest lines first, or `forward`.
    #[attr(optional, default = "backward")]
    pub direction: Value<String>,
    /// How long it may take. Without it `read` has 1m.
    #[attr(optional)]
    pub timeouts: Value<ReadTimeouts>,
    /// `streams`, `vector`, `matrix` or `scalar`.
    #[attr(computed)]
    pub result_type: Value<String>,
    /// The streams or series.
    #[attr(computed)]
    pub results: Value<Vec<Value<Series>>>,
}

/// A stream or series.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Its labels.
    #[attr(computed)]
    pub labels: Value<BTreeMap<String, Value<String>>>,
    /// Its lines or points.
    #[attr(computed)]
    pub values: Value<Vec<Value<Point>>>,
}

/// A line of a stream, or a point of a series.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Its time as RFC 3339.
    #[attr(computed)]
    pub timestamp: Value<String>,
    /// The line, or the number as text.
    #[attr(computed)]
    pub value: Value<String>,
}

/// Where `timeouts` says nothing.
const READ: Duration = Duration::from_mins(1);
/// Loki's own answer to a query that takes too long should come first.
const MARGIN: Duration = Duration::from_millis(500);
/// What Loki is asked for at most (`max_entries_limit_per_query`).
const MOST_LINES: i64 = 5000;

/// The data source, over the provider's connections.
pub struct Query {
    connections: Arc<Connections>,
}

impl Query {
    /// The data source over these connections.
    pub fn new(connections: Arc<Connections>) -> Self {
        Self { connections }
    }

    async fn ask(&self, call: &Call, limit: Limit, state: &mut LokiQuery, report: &mut Diagnostics) {
        let Some(cluster) = self.connections.kube(report).await.or_deferred(call).needed("Kubernetes", report) else {
            return;
        };
        let (namespace, name) = (state.namespace.clone().unwrap_or_default(), state.name.clone().unwrap_or_default());
        let options = match examine::options(&*cluster, &namespace, &name).await {
            Ok(Some(options)) => options,
            Ok(None) => {
                return report.refuse(
                    Problem::new(summary!("There is no such stack"))
                        .at(at("name"))
                        .why(format!("The cluster has no workload of a stack {name:?} in the namespace {namespace:?}."))
                        .fix("Check namespace, name and the context of the kubernetes block."),
                );
            }
            Err(problem) => return report.refuse(problem),
        };
        let text = |value: &Value<String>| value.as_deref_option().map(str::to_owned);
        if options.auth_enabled && state.tenant.is_null() {
            return report.refuse(
                Problem::new(summary!("The query needs a tenant"))
                    .at(at("tenant"))
                    .why(format!("The stack {namespace}/{name} is multi-tenant: it answers \"no org id\" without one."))
                    .fix("Name the tenant whose logs are asked for."),
            );
        }
        let request = Request {
            query: text(&state.query).unwrap_or_default(),
            period: period(state),
            step: state.step.as_deref_option().and_then(duration::parse),
            limit: state.limit.as_ref_option().map_or(100, Int::get),
            direction: if state.direction.as_deref_option() == Some("forward") {
                Direction::Forward
            } else {
                Direction::Backward
            },
        };
        let service = ProxyTarget::Service(options.query_service_name());
        let path = request.path(Timestamp::now());
        let mut proxied = ProxyRequest::get(&namespace, service, loki::HTTP_PORT, &path);
        proxied.timeout = limit.ends().saturating_duration_since(tokio::time::Instant::now()).saturating_sub(MARGIN);
        proxied.headers.extend(text(&state.tenant).map(|tenant| ("X-Scope-OrgID".to_owned(), tenant)));
        let refused = |why: String| {
            Problem::new(summary!("The stack {namespace}/{name} does not answer the query")).at(at("query")).why(why)
        };
        let answer = match cluster.proxy(&proxied).await {
            Ok(answer) if answer.is_success() => answer,
            Ok(answer) => {
                let why = format!("It answers {}: {}.", answer.status, answer.reason().trim_end_matches('.'));
                let ill = "data.loki_health tells how the stack is.";
                return report.refuse(refused(why).fix(if answer.status >= 500 { ill } else { "Mend the query." }));
            }
            Err(error @ Error::Forbidden { .. }) => return report.refuse(query_not_allowed(&error)),
            Err(error) => {
                return report.refuse(refused(format!("{error}.")).fix("data.loki_health tells how the stack is."));
            }
        };
        match Answer::parse(&answer.body) {
            Ok(answer) => fill(state, answer),
            Err(why) => report.refuse(refused(format!("Its answer cannot be read: {why}."))),
        }
    }
}

/// The time that the query is over; the configuration has passed [`Query::validate`].
fn period(state: &LokiQuery) -> Period {
    let instant = |value: &Value<String>| value.as_deref_option().and_then(|text| text.parse::<Timestamp>().ok());
    let since = state.since.as_deref_option().and_then(duration::parse);
    Period { since, start: instant(&state.start), end: instant(&state.end) }
}

fn fill(state: &mut LokiQuery, answer: Answer) {
    let text = |text: String| Value::Value(text);
    let point =
        |(timestamp, value): (String, String)| Value::Value(Point { timestamp: text(timestamp), value: text(value) });
    let series = |series: loki::query::Series| {
        let labels = series.labels.into_iter().map(|(name, value)| (name, text(value))).collect();
        let values = series.values.into_iter().map(point).collect();
        Value::Value(Series { labels: Value::Value(labels), values: Value::Value(values) })
    };
    state.result_type = text(answer.kind);
    state.results = Value::Value(answer.series.into_iter().map(series).collect());
}

#[async_trait]
impl DataSource for Query {
    type State = LokiQuery;
    const TYPE: &'static str = "loki_query";

    fn validate(&self, config: &LokiQuery, report: &mut Diagnostics) {
        if let Value::Value(given) = &config.timeouts {
            timeouts::validate([("read", &given.read)], report);
        }
        validate_tenant(&config.tenant, report);
        if let Value::Value(query) = &config.query
            && let Some(why) = loki::query::refused(query)
        {
            report.refuse(Problem::new(summary!("The query is no LogQL")).at(at("query")).why(why).fix(
                "Write a query for lines ({app=\"shop\"} |= \"error\") or for a metric (rate({app=\"shop\"}[5m])).",
            ));
        }
        for (name, value) in [("since", &config.since), ("step", &config.step)] {
            if let Value::Value(text) = value
                && duration::parse(text).is_none()
            {
                report.refuse(
                    Problem::new(summary!("{name} is no duration"))
                        .at(at(name))
                        .why(format!("{text:?} cannot be read as one."))
                        .fix("Write a number with its unit, such as 30m, 24h or 7d."),
                );
            }
        }
        for (name, value) in [("start", &config.start), ("end", &config.end)] {
            if let Value::Value(text) = value
                && let Err(error) = text.parse::<Timestamp>()
            {
                report.refuse(
                    Problem::new(summary!("{name} is no time"))
                        .at(at(name))
                        .why(format!("{error}."))
                        .fix("Write it as RFC 3339, such as 2026-01-31T12:00:00Z."),
                );
            }
        }
        if !config.since.is_null() && !config.start.is_null() {
            report.refuse(
                Problem::new(summary!("since and start exclude each other"))
                    .at(at("since"))
                    .why("Both say when the query's time begins.")
                    .fix("Remove one of them."),
            );
        }
        if let Value::Value(direction) = &config.direction
            && !["backward", "forward"].contains(&direction.as_str())
        {
            report.refuse(
                Problem::new(summary!("The direction is not known"))
                    .at(at("direction"))
                    .why(format!("{direction:?} is neither backward nor forward."))
                    .fix("Write one of them, or leave it out for \"backward\"."),
            );
        }
        if let Value::Value(limit) = &config.limit
            && limit.not_whole().is_none()
            && !(1..=MOST_LINES).contains(&limit.get())
        {
            report.refuse(
                Problem::new(summary!("limit is out of range"))
                    .at(at("limit"))
                    .why(format!("{} is not between 1 and {MOST_LINES}.", Int::get(limit)))
                    .fix("Count with a metric query, such as sum(count_over_time({app=\"shop\"}[1d]))."),
            );
        }
    }

    async fn read(&self, call: &Call, state: &mut LokiQuery, report: &mut Diagnostics) {
        let given = state.timeouts.clone().unwrap_or_default();
        let limit = Limit::start("read", &given.read, READ);
        bounded(call, limit, report, async |call, report| self.ask(call, limit, state, report).await).await;
    }
}
