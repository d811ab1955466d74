//! The deep test: one line is pushed to a stack through its service, and read back.

use std::time::{Duration, UNIX_EPOCH};

use tokio::time::Instant;

use crate::kube::{Cluster, Error, ProxyRequest, ProxyTarget, Response};
use crate::loki::deep::{Failure, JOB, Line, PUSH_PATH, Step, TENANT};
use crate::loki::{self, Options};

/// Time for the line to become readable: Loki answers from its ingesters' memory, so a second is long.
pub(in crate::resource) const PATIENCE: Duration = Duration::from_secs(30);
/// Between two queries for the line.
const INTERVAL: Duration = Duration::from_millis(500);

/// A stack to test, and as which tenant.
pub(in crate::resource) struct Deep<'a> {
    pub cluster: &'a dyn Cluster,
    pub options: &'a Options,
    /// Without it the project's own name, where the stack is multi-tenant.
    pub tenant: Option<&'a str>,
}

/// Why there is no result.
pub(in crate::resource) enum Untested {
    /// Loki failed the test.
    Failed(Failure),
    /// The user of the cluster may not send requests to services.
    NotAllowed(Error),
}

impl Deep<'_> {
    /// Pushes and reads back before `ends`, and tells `say` of each step. Dropped at any `await`, it leaves at most the
    /// line behind.
    pub(in crate::resource) async fn run(
        &self,
        ends: Instant,
        say: &(dyn Fn(String) + Send + Sync),
    ) -> Result<(), Untested> {
        let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        let line = Line::new(u64::try_from(now).unwrap_or(u64::MAX));
        let push = ProxyRequest {
            method: http::Method::POST,
            headers: self.headers(Some("application/json")),
            body: line.push_body().into_bytes(),
            ..self.request(PUSH_PATH, ends)
        };
        let answer = self.cluster.proxy(&push).await.map_err(|error| untested(Step::Push, error))?;
        accepted(Step::Push, &answer)?;
        say(format!("pushed a line with the label job={JOB:?}"));

        let began = Instant::now();
        let mut told = 0;
        loop {
            let query = ProxyRequest { headers: self.headers(None), ..self.request(&line.query_path(), ends) };
            let outcome = self.cluster.proxy(&query).await;
            let failure = match outcome {
                Ok(answer) if answer.is_success() && line.is_in(&answer.body) => {
                    say("read the line back".to_owned());
                    return Ok(());
                }
                Ok(answer) if answer.is_success() => Failure::not_returned(),
                // A querier may just be finding its ring.
                Ok(answer) if answer.status >= 500 => Failure::refused(Step::ReadBack, answer.status, &answer.reason()),
                Ok(answer) => return accepted(Step::ReadBack, &answer),
                Err(error) if error.is_retryable() => Failure::unanswered(Step::ReadBack, &error.to_string()),
                Err(error) => return Err(untested(Step::ReadBack, error)),
            };
            if Instant::now() + INTERVAL >= ends {
                return Err(Untested::Failed(failure));
            }
            let waited = began.elapsed().as_secs();
            if waited > told {
                told = waited;
                say(format!("waiting for the line to be readable, {waited} s"));
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn request(&self, path: &str, ends: Instant) -> ProxyRequest {
        let service =
            if path == PUSH_PATH { self.options.push_service_name() } else { self.options.query_service_name() };
        let service = ProxyTarget::Service(service);
        let left = ends.saturating_duration_since(Instant::now()).max(INTERVAL);
        let request = ProxyRequest::get(&self.options.namespace, service, loki::HTTP_PORT, path);
        ProxyRequest { timeout: request.timeout.min(left), ..request }
    }

    fn headers(&self, content_type: Option<&str>) -> Vec<(String, String)> {
        let tenant = self.tenant.or(self.options.auth_enabled.then_some(TENANT));
        let named = |(name, value): (&str, Option<&str>)| Some((name.to_owned(), value?.to_owned()));
        [("Content-Type", content_type), ("X-Scope-OrgID", tenant)].into_iter().filter_map(named).collect()
    }
}

fn accepted(step: Step, answer: &Response) -> Result<(), Untested> {
    if answer.is_success() {
        return Ok(());
    }
    Err(Untested::Failed(Failure::refused(step, answer.status, &answer.reason())))
}

fn untested(step: Step, error: Error) -> Untested {
    match error {
        error @ Error::Forbidden { .. } => Untested::NotAllowed(error),
        error => Untested::Failed(Failure::unanswered(step, &error.to_string())),
    }
}
