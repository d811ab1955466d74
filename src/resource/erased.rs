//! Typed resources behind one object-safe trait: decoding, defaults, replacement, panics and answers.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use futures::FutureExt;

use super::{Call, Change, Resource};
use crate::schema::{AttributeKind, AttributePath, Block, Diagnostics, Leaf, Problem, Raw, Report, Schematic, Value};

/// A value with the diagnostics that came with it.
#[derive(Debug)]
pub struct Answer {
    /// The state; null when there is none.
    pub state: Raw,
    /// What there is to say.
    pub diagnostics: Diagnostics,
}

/// The answer to a plan.
#[derive(Debug)]
pub struct Planned {
    /// The planned state.
    pub state: Raw,
    /// The attributes whose change needs a replacement.
    pub replace: Vec<AttributePath>,
    /// What there is to say.
    pub diagnostics: Diagnostics,
}

/// A resource as the plugin room sees it.
#[async_trait]
pub trait AnyResource: Send + Sync {
    /// The type's name in a configuration.
    fn type_name(&self) -> &'static str;
    /// The schema's root block; its version is the schema's.
    fn schema(&self) -> Block;
    /// The attributes' names in the order of the documentation.
    fn fields(&self) -> &'static [&'static str];
    /// ValidateResourceConfig.
    async fn validate(&self, config: Raw) -> Diagnostics;
    /// UpgradeResourceState: the state as JSON of any older version.
    async fn upgrade(&self, version: i64, state: Vec<u8>) -> Answer;
    /// ReadResource.
    async fn read(&self, call: &Call, state: Raw) -> Answer;
    /// PlanResourceChange.
    async fn plan(&self, call: &Call, prior: Raw, proposed: Raw, config: Raw) -> Planned;
    /// ApplyResourceChange.
    async fn apply(&self, call: &Call, prior: Raw, planned: Raw) -> Answer;
    /// ImportResourceState.
    async fn import(&self, call: &Call, id: &str) -> Answer;
}

/// Makes an [`AnyResource`] of a [`Resource`].
pub struct Typed<R>(pub R);

#[async_trait]
impl<R: Resource> AnyResource for Typed<R> {
    fn type_name(&self) -> &'static str {
        R::TYPE
    }

    fn schema(&self) -> Block {
        R::State::block()
    }

    fn fields(&self) -> &'static [&'static str] {
        R::State::FIELDS
    }

    async fn validate(&self, config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        if let Some(Some(config)) = decode::<R::State>(&config, &mut report) {
            whole_numbers(&config, &mut report);
            if !report.failed() {
                guarded(&mut report, async |report| self.0.validate(&config, report)).await;
            }
        }
        report
    }

    async fn upgrade(&self, version: i64, state: Vec<u8>) -> Answer {
        let mut report = Diagnostics::default();
        let mut upgraded = None;
        match serde_json::from_slice(&state) {
            Ok(json) if version < R::State::VERSION => match self.0.upgrade(version, json) {
                Ok(json) => upgraded = Some(json),
                Err(problem) => report.refuse(problem),
            },
            Ok(json) => upgraded = Some(json),
            Err(_) => report.refuse(Problem::new("The state is not JSON").why(
                "Terraform handed over a stored state that cannot be read. It may be damaged, or of a kind that only \
                 Terraform 0.11 wrote.",
            )),
        }
        let state = upgraded.and_then(|json| decode(&Raw::Json(json.to_string().into_bytes()), &mut report)).flatten();
        self.answer(state, report)
    }

    async fn read(&self, call: &Call, state: Raw) -> Answer {
        let mut report = Diagnostics::default();
        let Some(prior) = decode::<R::State>(&state, &mut report) else {
            return Answer { state, diagnostics: report };
        };
        let mut current = prior;
        if current.is_some() {
            guarded(&mut report, async |report| self.0.test(call, &mut current, report).await).await;
        }
        self.answer(current, report)
    }

    async fn plan(&self, call: &Call, prior: Raw, proposed: Raw, config: Raw) -> Planned {
        let mut report = Diagnostics::default();
        let unchanged = |diagnostics| Planned { state: proposed.clone(), replace: Vec::new(), diagnostics };
        let (Some(before), Some(wanted), Some(config)) = (
            decode::<R::State>(&prior, &mut report),
            decode::<R::State>(&proposed, &mut report),
            decode::<R::State>(&config, &mut report),
        ) else {
            return unchanged(report);
        };
        let Some(mut planned) = wanted else {
            if let Some(before) = &before {
                guarded(&mut report, async |report| self.0.check_delete(call, before, report).await).await;
            }
            return unchanged(report);
        };
        let config = config.unwrap_or_default();
        planned.fill_defaults(Some(&config));
        if before.is_none() {
            planned.mark_computed(Some(&config));
        }
        let mut change = Change { prior: before.as_ref(), config: &config, planned, replace: Vec::new() };
        guarded(&mut report, async |report| self.0.check(call, &mut change, report).await).await;
        let Change { planned, mut replace, .. } = change;
        if let Some(before) = &before {
            R::State::replaced(before, &planned, &AttributePath::root(), &mut replace);
        }
        let state = encode(&planned, &mut report);
        Planned { state, replace, diagnostics: report }
    }

    async fn apply(&self, call: &Call, prior: Raw, planned: Raw) -> Answer {
        let mut report = Diagnostics::default();
        let (Some(mut state), Some(planned)) =
            (decode::<R::State>(&prior, &mut report), decode::<R::State>(&planned, &mut report))
        else {
            // What cannot be read is not touched: the state stays as it was.
            return Answer { state: prior, diagnostics: report };
        };
        match (&planned, state.is_some()) {
            (Some(planned), false) => {
                guarded(&mut report, async |report| self.0.create(call, planned, &mut state, report).await).await;
            }
            (Some(planned), true) => {
                guarded(&mut report, async |report| self.0.update(call, planned, &mut state, report).await).await;
            }
            (None, true) => guarded(&mut report, async |report| self.0.delete(call, &mut state, report).await).await,
            (None, false) => {}
        }
        self.answer(state, report)
    }

    async fn import(&self, call: &Call, id: &str) -> Answer {
        let mut report = Diagnostics::default();
        let mut state = None;
        guarded(&mut report, async |report| self.0.import(call, id, &mut state, report).await).await;
        self.answer(state, report)
    }
}

impl<R: Resource> Typed<R> {
    fn answer(&self, state: Option<R::State>, mut report: Diagnostics) -> Answer {
        let state = match state {
            Some(mut state) => {
                state.settle();
                encode(&state, &mut report)
            }
            None => Raw::null(),
        };
        Answer { state, diagnostics: report }
    }
}

/// None when the value could not be decoded, which is reported; `Some(None)` when it is null.
pub(super) fn decode<S: Schematic>(raw: &Raw, report: &mut Diagnostics) -> Option<Option<S>> {
    match raw.decode::<S>() {
        Ok(Value::Value(state)) => Some(Some(state)),
        Ok(_) => Some(None),
        Err(error) => {
            report.refuse(own_fault(&error.to_string()));
            None
        }
    }
}

fn encode<S: Schematic>(state: &S, report: &mut Diagnostics) -> Raw {
    Raw::encode(state).unwrap_or_else(|error| {
        report.refuse(own_fault(&error.to_string()));
        Raw::null()
    })
}

/// Refuses numbers that are not whole where whole ones are needed.
pub(super) fn whole_numbers<S: Schematic>(config: &S, report: &mut Diagnostics) {
    config.visit(&AttributePath::root(), &mut |path, leaf| {
        if let Leaf::NotWhole(text) = leaf {
            report.refuse(
                Problem::new("A whole number is needed")
                    .at(path.clone())
                    .why(format!("{text} is not a whole number between -2^63 and 2^63."))
                    .fix("Give a number without a fraction."),
            );
        }
    });
}

/// Runs a phase; a panic in it becomes a diagnostic and the process lives on.
pub(super) async fn guarded(report: &mut Diagnostics, phase: impl AsyncFnOnce(&mut Diagnostics)) {
    let outcome = AssertUnwindSafe(phase(&mut *report)).catch_unwind().await;
    if outcome.is_err() {
        // The panic's text went to the log by the panic hook; it may quote values, so it does not go to the user.
        report.refuse(own_fault("a part of it panicked; TF_LOG=error shows where"));
    }
}

/// The problem of a defect in this provider.
pub(crate) fn own_fault(text: &str) -> Problem {
    Problem::new("The provider made an error of its own")
        .why(format!("This is no fault of the configuration: {text}."))
        .fix(
            "Please report it with the configuration and the output of TF_LOG=debug. What exists is kept in the state.",
        )
}
