use async_trait::async_trait;

use super::{Offer, all_known, checked, completed, configuration, guarded};
use crate::resource::{Action, Call, Progress, Registry};
use crate::schema::{Block, Diagnostics, Raw};

/// An action as the plugin room sees it.
#[async_trait]
pub trait AnyAction: Offer {
    /// ValidateActionConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// PlanAction.
    async fn plan(&self, call: &Call, config: Raw) -> Diagnostics;
    /// InvokeAction. The progress ends with it.
    async fn invoke(&self, call: &Call, config: Raw, progress: Progress) -> Diagnostics;
}

struct Typed<A>(A);

impl Registry {
    /// With that action.
    #[must_use]
    pub fn action(mut self, action: impl Action) -> Self {
        self.actions.push(Box::new(Typed(action)));
        self
    }
}

impl<A: Action> Offer for Typed<A> {
    fn type_name(&self) -> &'static str {
        A::TYPE
    }

    fn schema(&self) -> Block {
        configuration::<A::Config>()
    }
}

#[async_trait]
impl<A: Action> AnyAction for Typed<A> {
    async fn validate(&self, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        checked(&config, &mut report, async |config, report| self.0.validate(config, report)).await;
        report
    }

    async fn plan(&self, call: &Call, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        if let Some(config) = completed(&config, &mut report) {
            guarded(&mut report, async |report| self.0.check(call, &config, report).await).await;
        }
        report
    }

    async fn invoke(&self, call: &Call, config: Raw, progress: Progress) -> Diagnostics {
        let mut report = Diagnostics::default();
        if let Some(config) = completed(&config, &mut report)
            && all_known(&config, &mut report)
        {
            guarded(&mut report, async |report| self.0.invoke(call, &config, &progress, report).await).await;
        }
        report
    }
}
