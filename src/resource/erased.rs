//! Typed resources behind object-safe traits: decoding, defaults, replacement, panics and answers, one file per kind.

mod action;
mod data_source;
mod ephemeral;
mod function;
mod generate;
mod list;
mod managed;
mod upgrade;
mod write_only;

use std::panic::AssertUnwindSafe;

use futures::FutureExt;

pub use action::AnyAction;
pub use data_source::AnyDataSource;
pub use ephemeral::{AnyEphemeralResource, Opened};
pub use function::AnyFunction;
pub use list::{AnyListResource, ListEvent};
pub use managed::{AnyResource, Lookup, Planned};

use super::contract;
use crate::schema::{
    AttributeKind, AttributePath, Block, Constraint, Cty, Diagnostics, Leaf, Problem, Raw, Report, Schematic, Value,
};

/// Something that the provider offers under a name.
pub trait Offer: Send + Sync {
    /// The type's name in a configuration.
    fn type_name(&self) -> &'static str;
    /// Further names of it.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }
    /// The schema's root block; its version is the schema's.
    fn schema(&self) -> Block;

    /// All names of it.
    fn names(&self) -> Vec<&'static str> {
        [&[self.type_name()], self.aliases()].concat()
    }
}

/// A value with the diagnostics that came with it.
#[derive(Debug)]
pub struct Answer {
    /// The state; null when there is none.
    pub state: Raw,
    /// The identity of the object; none while it is not known.
    pub identity: Option<Raw>,
    /// What there is to say.
    pub diagnostics: Diagnostics,
}

/// The schema of what is configured only, which computes nothing: a default makes an attribute no more than optional.
fn configuration<S: Schematic>() -> Block {
    let mut block = S::block();
    for attribute in block.attributes.to_mut() {
        if attribute.constraint == Constraint::OptionalComputed {
            attribute.constraint = Constraint::Optional;
        }
    }
    block
}

/// The configuration, checked as far as its type goes; none when there is nothing more to check.
async fn checked<S: Schematic>(
    config: &Raw,
    report: &mut Diagnostics,
    validate: impl AsyncFnOnce(&S, &mut Diagnostics),
) {
    if let Some(Some(config)) = decode::<S>(config, report) {
        whole_numbers(&config, report);
        if !report.failed() {
            guarded(report, async |report| validate(&config, report).await).await;
        }
    }
}

/// The configuration with its defaults; none when it could not be decoded, which is reported.
fn completed<S: Schematic>(config: &Raw, report: &mut Diagnostics) -> Option<S> {
    let config: S = decode(config, report)?.unwrap_or_default();
    let mut completed = config.clone();
    completed.fill_defaults(Some(&config));
    Some(completed)
}

/// Refuses what can only be served once all is known.
fn all_known<S: Schematic>(config: &S, report: &mut Diagnostics) -> bool {
    let unknown = config.unknowns();
    for path in &unknown {
        report.refuse(
            Problem::new(summary!("The value is not known yet"))
                .at(path.clone())
                .why("It follows from something that has not been applied.")
                .fix("Apply what it depends on first, for example with -target."),
        );
    }
    unknown.is_empty()
}

/// None when the value could not be decoded, which is reported; `Some(None)` when it is null.
pub(super) fn decode<S: Schematic>(raw: &Raw, report: &mut Diagnostics) -> Option<Option<S>> {
    read(raw, report).map(|(_, typed)| typed)
}

/// The value as Terraform knows it, and typed; none when it could not be decoded, which is reported.
fn read<S: Schematic>(raw: &Raw, report: &mut Diagnostics) -> Option<(Cty, Option<S>)> {
    let value = raw.decode_as(&S::attribute_type());
    let value = value.map_err(|error| report.refuse(own_fault(&error.to_string()))).ok()?;
    Some((value.clone(), typed(value, report)?))
}

/// None when the value is not of the type, which is reported; `Some(None)` when it is null.
fn typed<S: Schematic>(value: Cty, report: &mut Diagnostics) -> Option<Option<S>> {
    match Value::from_cty(value) {
        Ok(Value::Value(typed)) => Some(Some(typed)),
        Ok(Value::Null | Value::Unknown) => Some(None),
        Err(error) => {
            report.refuse(own_fault(&error.to_string()));
            None
        }
    }
}

fn encode<S: Schematic>(state: &S, report: &mut Diagnostics) -> Raw {
    encode_as::<S>(&state.to_cty(), report).unwrap_or_else(Raw::null)
}

/// None when the value is not of the type, which is reported.
fn encode_as<S: Schematic>(value: &Cty, report: &mut Diagnostics) -> Option<Raw> {
    let encoded = Raw::encode_as(value, &S::attribute_type());
    encoded.map_err(|error| report.refuse(own_fault(&error.to_string()))).ok()
}

/// Holds what was looked up to its configuration, before it is settled.
fn keeps<S: Schematic>(config: &Raw, result: &S, report: &mut Diagnostics) {
    let kind = S::attribute_type();
    if let (false, Ok(config)) = (report.failed(), config.decode_as(&kind)) {
        contract::result(&kind, &config, &result.to_cty()).report("the result", report);
    }
}

/// Refuses numbers that are not whole where whole ones are needed.
pub(super) fn whole_numbers<S: Schematic>(config: &S, report: &mut Diagnostics) {
    config.visit(&AttributePath::root(), &mut |path, leaf| {
        if let Leaf::NotWhole(text) = leaf {
            report.refuse(
                Problem::new(summary!("A whole number is needed"))
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
    Problem::new(summary!("The provider made an error of its own"))
        .why(format!("This is no fault of the configuration: {text}."))
        .fix(
            "Please report it with the configuration and the output of TF_LOG=debug. What exists is kept in the state.",
        )
}
