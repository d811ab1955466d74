use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Offer, all_known, checked, completed, configuration, encode, guarded};
use crate::resource::{Call, Found, ListResource, Listed, Registry, Resource, contract};
use crate::schema::{AttributeKind, Block, Cty, Diagnostics, Raw};

/// One object that was found.
#[derive(Debug)]
pub struct ListEvent {
    /// Its identity.
    pub identity: Raw,
    /// Its name for people.
    pub display_name: String,
    /// The object itself, where it was asked for.
    pub state: Option<Raw>,
    /// What there is to say about it.
    pub diagnostics: Diagnostics,
}

/// A list resource as the plugin room sees it.
#[async_trait]
pub trait AnyListResource: Offer {
    /// ValidateListResourceConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// ListResource: sends at most `limit` objects. `wants_state` asks for the objects beside their identities.
    async fn list(
        &self,
        call: &Call,
        config: Raw,
        limit: Option<usize>,
        wants_state: bool,
        events: mpsc::Sender<ListEvent>,
    ) -> Diagnostics;
}

struct Typed<L>(L);

impl Registry {
    /// With that list resource.
    #[must_use]
    pub fn list_resource(mut self, resource: impl ListResource) -> Self {
        self.list_resources.push(Box::new(Typed(resource)));
        self
    }
}

impl<L: ListResource> Offer for Typed<L> {
    fn type_name(&self) -> &'static str {
        L::Resource::TYPE
    }

    fn aliases(&self) -> &'static [&'static str] {
        L::Resource::ALIASES
    }

    fn schema(&self) -> Block {
        configuration::<L::Config>()
    }
}

#[async_trait]
impl<L: ListResource> AnyListResource for Typed<L> {
    async fn validate(&self, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        checked(&config, &mut report, async |config, report| self.0.validate(config, report)).await;
        report
    }

    async fn list(
        &self,
        call: &Call,
        config: Raw,
        limit: Option<usize>,
        wants_state: bool,
        events: mpsc::Sender<ListEvent>,
    ) -> Diagnostics {
        let mut report = Diagnostics::default();
        let Some(config) = completed::<L::Config>(&config, &mut report) else { return report };
        if !all_known(&config, &mut report) {
            return report;
        }
        let (found, mut listed) = Found::new(limit, wants_state);
        let look = async {
            guarded(&mut report, async |report| self.0.list(call, &config, &found, report).await).await;
            // The receiver below ends with it.
            drop(found);
        };
        let pass_on = async {
            while let Some(listed) = listed.recv().await {
                // Nobody listens any more: the stream, and this with it, is about to be dropped.
                let _ = events.send(event(listed, wants_state)).await;
            }
        };
        tokio::join!(look, pass_on);
        report
    }
}

fn event<R: Resource>(listed: Listed<R>, wants_state: bool) -> ListEvent {
    let mut diagnostics = Diagnostics::default();
    let listed_state = listed.state.filter(|_| wants_state);
    let object = listed_state.as_ref().map_or(Cty::Null, AttributeKind::to_cty);
    let kinds = (R::Identity::attribute_type(), R::State::attribute_type());
    let violations = contract::listed(&kinds.0, &listed.identity.to_cty(), &kinds.1, &object);
    violations.report("the listed object", &mut diagnostics);
    let identity = encode(&listed.identity, &mut diagnostics);
    let state = listed_state.map(|mut state| {
        state.settle();
        state.strip_write_only();
        encode(&state, &mut diagnostics)
    });
    ListEvent { identity, display_name: listed.display_name, state, diagnostics }
}
