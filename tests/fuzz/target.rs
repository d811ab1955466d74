//! What is fuzzed: the services over the real registry with fakes of every sort beside, and the judgement of an answer.

use std::cell::RefCell;
use std::sync::Once;
use std::time::Duration;

use loki_provider::plugin::Services;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::resource::registry;
use loki_provider::schema::Raw;
use tf::diagnostic::Severity;
use tokio::runtime::Runtime;

use super::adapters;
use super::case::Case;
use super::fake;
use super::offers::Offers;
use super::rpcs::{Answer, serve};

/// A deployment waits for a stack that never becomes healthy, rightly so; after this time it is stopped, as by Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(20);

thread_local! {
    /// Where this thread panicked, and what it said.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The services and what they offer.
pub struct Target {
    runtime: Runtime,
    services: Services,
    pub offers: Offers,
    configured: Vec<u8>,
}

/// What came of a case.
pub struct Outcome {
    /// The answer; none when the request could not be read.
    pub answer: Option<Answer>,
    /// What is wrong with it.
    pub failure: Option<String>,
}

impl Target {
    pub fn new() -> Self {
        static HOOK: Once = Once::new();
        // A panic becomes a diagnostic, which a user must never see: it is caught here, where it happens.
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                let place = panic.location().map(|it| format!("{}:{}", it.file(), it.line())).unwrap_or_default();
                let fuzzing = std::thread::current().name().is_some_and(|it| it.starts_with("fuzz"));
                if fuzzing {
                    PANIC.set(Some(format!("panic at {place}: {}", panic.payload_as_str().unwrap_or_default())));
                } else {
                    before(panic);
                }
            }));
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (services, offers) = runtime.block_on(async {
            let services = Services::new(fake::beside(registry(adapters::adapters())));
            let offers = Offers::of(&services).await;
            (services, offers)
        });
        Self { runtime, services, offers, configured: Vec::new() }
    }

    /// Runs a case and judges the answer.
    pub fn run(&mut self, case: &Case) -> Outcome {
        PANIC.take();
        let (services, configured) = (&self.services, &mut self.configured);
        let answer = self.runtime.block_on(async {
            if *configured != case.configured {
                adapters::set_mood(case.mood);
                serve(services, "configure_provider", &case.configured).await;
                configured.clone_from(&case.configured);
            }
            adapters::set_mood(case.mood);
            let mut served = std::pin::pin!(serve(services, case.rpc, &case.request));
            match tokio::time::timeout(PATIENCE, &mut served).await {
                Ok(answer) => answer,
                Err(_) => {
                    serve(services, "stop_provider", &[]).await;
                    served.await
                }
            }
        });
        if case.rpc == "configure_provider" {
            configured.clone_from(&case.request);
        }
        let panicked = PANIC.take();
        let failure = panicked.or_else(|| self.judge(case, answer.as_ref()?));
        Outcome { answer, failure }
    }

    fn judge(&self, case: &Case, answer: &Answer) -> Option<String> {
        if let Some(status) = &answer.status {
            return Some(format!("a gRPC status: {status}"));
        }
        if let Some(empty) = answer.diagnostics.iter().find(|it| it.summary.is_empty()) {
            return Some(format!("a diagnostic without a summary: {empty:?}"));
        }
        // What does not go together, such as a configuration and a proposal that contradict each other, is no fault of ours.
        let own = answer.diagnostics.iter().find(|it| it.detail.contains("breaks Terraform's contract"));
        if let Some(own) = own.filter(|_| case.sensible) {
            return Some(format!("contract: {}", own.detail));
        }
        if answer.diagnostics.iter().any(|it| it.severity() == Severity::Error) {
            return None;
        }
        answer.values.iter().find_map(|(of, value)| {
            let fits = self.offers.all(*of).iter().any(|(_, kind)| {
                let raw = Raw::MessagePack(value.msgpack.clone());
                raw.decode_as(kind).is_ok()
            });
            (!fits).then(|| format!("an answer that is of no {of:?} type"))
        })
    }
}
