use async_trait::async_trait;

use super::upgrade::upgraded;
use super::{Answer, Offer, checked, decode, encode, encode_as, generate, guarded, own_fault, read, typed, write_only};
use crate::resource::contract::{self, Identity, Violations};
use crate::resource::timeouts::{Limit, Operation, bounded, limited};
use crate::resource::{Call, Change, Registry, Resource};
use crate::schema::{
    AttributeKind, AttributePath, Block, Cty, Diagnostics, Problem, Raw, Report, Schematic, Type, Value,
};

/// The answer to a plan.
#[derive(Debug)]
pub struct Planned {
    /// The planned state.
    pub state: Raw,
    /// The identity that the object will have; none while it is not known.
    pub identity: Option<Raw>,
    /// The attributes whose change needs a replacement.
    pub replace: Vec<AttributePath>,
    /// What there is to say.
    pub diagnostics: Diagnostics,
}

/// What an import goes by.
#[derive(Debug)]
pub enum Lookup {
    /// The id.
    Id(String),
    /// The identity.
    Identity(Raw),
}

/// A managed resource as the plugin room sees it.
#[async_trait]
pub trait AnyResource: Offer {
    /// The schema of the identity; its version is the identity's.
    fn identity_schema(&self) -> Block;
    /// ValidateResourceConfig.
    async fn validate(&self, call: &Call, config: Raw) -> Diagnostics;
    /// UpgradeResourceState: the state as JSON of any older version.
    async fn upgrade(&self, version: i64, state: Vec<u8>) -> Answer;
    /// UpgradeResourceIdentity: the identity as JSON of any older version.
    async fn upgrade_identity(&self, version: i64, identity: Vec<u8>) -> (Option<Raw>, Diagnostics);
    /// ReadResource.
    async fn read(&self, call: &Call, state: Raw) -> Answer;
    /// PlanResourceChange.
    async fn plan(&self, call: &Call, prior: Raw, proposed: Raw, config: Raw) -> Planned;
    /// ApplyResourceChange.
    async fn apply(&self, call: &Call, prior: Raw, planned: Raw, config: Raw) -> Answer;
    /// ImportResourceState.
    async fn import(&self, call: &Call, by: Lookup) -> Answer;
    /// GenerateResourceConfig: the configuration that the state follows from.
    fn generate(&self, state: Raw) -> Result<Raw, Problem>;
    /// Holds the identity of an answer to the one that the object had before.
    fn check_identity(&self, before: Option<Raw>, after: Option<Raw>, rule: Identity) -> Diagnostics;
}

/// Makes an [`AnyResource`] of a [`Resource`].
struct Typed<R>(R);

impl Registry {
    /// With that managed resource.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource) -> Self {
        self.resources.push(Box::new(Typed(resource)));
        self
    }
}

impl<R: Resource> Offer for Typed<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn aliases(&self) -> &'static [&'static str] {
        R::ALIASES
    }

    fn schema(&self) -> Block {
        const { assert!(R::State::VERSION == R::UPGRADES.len() as i64, "one step for each version of the schema") };
        R::State::block()
    }
}

#[async_trait]
impl<R: Resource> AnyResource for Typed<R> {
    fn identity_schema(&self) -> Block {
        const {
            assert!(
                R::Identity::VERSION == R::IDENTITY_UPGRADES.len() as i64,
                "one step for each version of the identity"
            );
        };
        R::Identity::block()
    }

    async fn validate(&self, call: &Call, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        checked(&config, &mut report, async |config: &R::State, report| {
            if !call.client.write_only_allowed {
                write_only::refuse(config, report);
            }
            if let Some(Value::Value(timeouts)) = R::timeouts(&mut config.clone()) {
                timeouts.validate(report);
            }
            self.0.validate(config, report);
        })
        .await;
        report
    }

    async fn upgrade(&self, version: i64, state: Vec<u8>) -> Answer {
        let mut report = Diagnostics::default();
        let state = upgraded::<R::State>(version, &state, R::UPGRADES, "state", &mut report).await;
        self.answer(state, report, contract::stored, Raw::null)
    }

    async fn upgrade_identity(&self, version: i64, identity: Vec<u8>) -> (Option<Raw>, Diagnostics) {
        let mut report = Diagnostics::default();
        let steps = R::IDENTITY_UPGRADES;
        let identity = upgraded::<R::Identity>(version, &identity, steps, "identity", &mut report).await;
        if let Some(identity) = &identity {
            let kind = R::Identity::attribute_type();
            let violations = contract::identity(&kind, &Cty::Null, &identity.to_cty(), Identity::Lasting);
            violations.report("the identity", &mut report);
        }
        (identity.map(|identity| encode(&identity, &mut report)), report)
    }

    async fn read(&self, call: &Call, state: Raw) -> Answer {
        let mut report = Diagnostics::default();
        let Some(prior) = decode::<R::State>(&state, &mut report) else {
            return Answer { state, identity: None, diagnostics: report };
        };
        let mut current = prior.clone();
        if let Some(prior) = prior {
            let limit = limit::<R>(Operation::Read, &prior);
            let test = async |call: &Call, report: &mut Diagnostics| self.0.test(call, &mut current, report).await;
            if !bounded(call, limit, &mut report, test).await {
                current = Some(prior);
            }
        }
        self.answer(current, report, contract::stored, || state)
    }

    async fn plan(&self, call: &Call, prior: Raw, proposed: Raw, config: Raw) -> Planned {
        let mut report = Diagnostics::default();
        let unchanged =
            |diagnostics| Planned { state: proposed.clone(), identity: None, replace: Vec::new(), diagnostics };
        let (Some((prior, before)), Some((proposal, mut planned)), Some((configured, config))) = (
            read::<R::State>(&prior, &mut report),
            read::<R::State>(&proposed, &mut report),
            read::<R::State>(&config, &mut report),
        ) else {
            return unchanged(report);
        };
        let mut replace = Vec::new();
        if let Some(mut wanted) = planned.take() {
            let config = config.unwrap_or_default();
            wanted.strip_write_only();
            wanted.fill_defaults(Some(&config));
            if before.is_none() {
                wanted.mark_computed(Some(&config));
            }
            let mut change = Change { prior: before.as_ref(), config: &config, planned: wanted, replace };
            guarded(&mut report, async |report| self.0.check(call, &mut change, report).await).await;
            replace = change.replace;
            if let Some(before) = &before {
                R::State::replaced(before, &change.planned, &AttributePath::root(), &mut replace);
            }
            change.planned.strip_write_only();
            planned = Some(change.planned);
        } else if let Some(before) = &before {
            guarded(&mut report, async |report| self.0.check_delete(call, before, report).await).await;
        }
        let kind = R::State::attribute_type();
        let mut state = planned.as_ref().map_or(Cty::Null, AttributeKind::to_cty);
        contract::restore(&kind, &mut state, &proposal);
        state.refine_computed(&kind);
        if !report.failed() {
            contract::planned(&kind, &prior, &configured, &state, &replace).report("the plan", &mut report);
        }
        let identity = planned.and_then(|planned| self.identity(&planned, &mut report));
        let state = encode_as::<R::State>(&state, &mut report).unwrap_or(proposed);
        Planned { state, identity, replace, diagnostics: report }
    }

    async fn apply(&self, call: &Call, prior: Raw, planned: Raw, config: Raw) -> Answer {
        let mut report = Diagnostics::default();
        let (Some(mut state), Some((announced, _)), Some((config, _))) = (
            decode::<R::State>(&prior, &mut report),
            read::<R::State>(&planned, &mut report),
            read::<R::State>(&config, &mut report),
        ) else {
            // What cannot be read is not touched: the state stays as it was.
            return Answer { state: prior, identity: None, diagnostics: report };
        };
        let mut planned = announced.clone();
        write_only::give(&R::State::attribute_type(), &mut planned, &config);
        let Some(planned) = typed::<R::State>(planned, &mut report) else {
            return Answer { state: prior, identity: None, diagnostics: report };
        };
        match (&planned, &state) {
            (Some(planned), None) => {
                let limit = limit::<R>(Operation::Create, planned);
                let create = async |call: &Call, report: &mut Diagnostics| {
                    self.0.create(call, planned, &mut state, report).await;
                };
                limited(call, limit, &mut report, create).await;
            }
            (Some(planned), Some(prior)) if only_timeouts_differ::<R>(prior, planned) => state = Some(planned.clone()),
            (Some(planned), Some(_)) => {
                let limit = limit::<R>(Operation::Update, planned);
                let update = async |call: &Call, report: &mut Diagnostics| {
                    self.0.update(call, planned, &mut state, report).await;
                };
                limited(call, limit, &mut report, update).await;
            }
            (None, Some(prior)) => {
                let limit = limit::<R>(Operation::Delete, prior);
                let delete =
                    async |call: &Call, report: &mut Diagnostics| self.0.delete(call, &mut state, report).await;
                limited(call, limit, &mut report, delete).await;
            }
            (None, None) => {}
        }
        self.answer(state, report, |kind, state| contract::applied(kind, &announced, state), || prior)
    }

    async fn import(&self, call: &Call, by: Lookup) -> Answer {
        let mut report = Diagnostics::default();
        let id = match by {
            Lookup::Id(id) => Some(id),
            Lookup::Identity(identity) => self.id_of(&identity, &mut report).await,
        };
        let mut state = None;
        if let Some(id) = id {
            guarded(&mut report, async |report| self.0.import(call, &id, &mut state, report).await).await;
        }
        self.answer(state, report, contract::stored, Raw::null)
    }

    fn generate(&self, state: Raw) -> Result<Raw, Problem> {
        generate::configuration::<R::State>(&state).map_err(|text| own_fault(&text))
    }

    fn check_identity(&self, before: Option<Raw>, after: Option<Raw>, rule: Identity) -> Diagnostics {
        let mut report = Diagnostics::default();
        let kind = R::Identity::attribute_type();
        let value = |raw: Option<Raw>| raw.map_or(Ok(Cty::Null), |raw| raw.decode_as(&kind));
        if let (Ok(before), Ok(after)) = (value(before), value(after)) {
            contract::identity(&kind, &before, &after, rule).report("the identity", &mut report);
        }
        report
    }
}

/// The time that an operation has, by the `timeouts` of a plan or state.
fn limit<R: Resource>(operation: Operation, of: &R::State) -> Limit {
    R::LIMITS.start(operation, R::timeouts(&mut of.clone()).as_deref())
}

/// Whether there is nothing to do but to save new timeouts.
fn only_timeouts_differ<R: Resource>(prior: &R::State, planned: &R::State) -> bool {
    let mut prior = prior.clone();
    let before = R::timeouts(&mut prior).cloned();
    let mut planned = planned.clone();
    planned.strip_write_only();
    if let (Some(timeouts), Some(new)) = (R::timeouts(&mut prior), R::timeouts(&mut planned)) {
        timeouts.clone_from(new);
        return before.as_ref() != Some(timeouts) && prior == planned;
    }
    false
}

impl<R: Resource> Typed<R> {
    /// What a phase made, held to `rules` where it reports no error. `before` is the answer to what cannot be encoded.
    fn answer(
        &self,
        mut state: Option<R::State>,
        mut report: Diagnostics,
        rules: impl FnOnce(&Type, &Cty) -> Violations,
        before: impl FnOnce() -> Raw,
    ) -> Answer {
        if let Some(state) = &mut state {
            state.strip_write_only();
        }
        if !report.failed() {
            let value = state.as_ref().map_or(Cty::Null, AttributeKind::to_cty);
            rules(&R::State::attribute_type(), &value).report("the new state", &mut report);
        }
        let Some(mut state) = state else {
            return Answer { state: Raw::null(), identity: None, diagnostics: report };
        };
        state.settle();
        let identity = self.identity(&state, &mut report);
        let state = encode_as::<R::State>(&state.to_cty(), &mut report).unwrap_or_else(before);
        Answer { state, identity, diagnostics: report }
    }

    /// The identity, once all of it is known.
    fn identity(&self, state: &R::State, report: &mut Diagnostics) -> Option<Raw> {
        let identity = self.0.identity(state).filter(|identity| identity.unknowns().is_empty())?;
        Some(encode(&identity, report))
    }

    async fn id_of(&self, identity: &Raw, report: &mut Diagnostics) -> Option<String> {
        let identity: R::Identity = decode(identity, report)?.unwrap_or_default();
        let mut id = None;
        guarded(report, async |report| match self.0.id_of(&identity) {
            Ok(found) => id = Some(found),
            Err(problem) => report.refuse(problem),
        })
        .await;
        id
    }
}
