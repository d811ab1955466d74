//! Lives of objects, from the first plan to the end, as Terraform leads them. Here the provider has no excuse: what it is
//! asked makes sense, so each answer has to keep to Terraform's contract, and a plan has to be the same when it is asked
//! for again.

use std::collections::BTreeMap;

use fastrand::Rng;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::resource::contract;
use loki_provider::schema::{Attribute, Constraint, Cty, Nesting, Raw, Type};
use prost::Message;

use super::tree::{self, Tree};

/// Asks one RPC with the encoded request; none when the answer shows a failure, which has been kept.
pub trait Ask {
    fn ask(&mut self, rpc: &'static str, request: &impl Message) -> Option<Vec<u8>>;
    /// Reports that the answer to the last request is at fault.
    fn fault(&mut self, why: String);
}

/// Leads one object through its life.
pub fn lead(asker: &mut impl Ask, rng: &mut Rng, type_name: &str, kind: &Type) -> Option<()> {
    let (_, attributes) = kind.nested()?;
    let mut state = Cty::Null;
    let mut private = Vec::new();
    let mut identity = None;
    for _ in 0..rng.usize(1..4) {
        let config = object(rng, attributes, 30);
        let request = tf::validate_resource_config::Request {
            type_name: type_name.to_owned(),
            config: wire(&config, kind),
            ..Default::default()
        };
        let valid: tf::validate_resource_config::Response = answer(asker, "validate_resource_config", &request)?;
        if refused(&valid.diagnostics) {
            return None;
        }
        let mut first = plan(asker, type_name, kind, [&state, &config], &private, &identity)?;
        if !first.requires_replace.is_empty() {
            // A replacement is planned once more as a creation, and ends as one.
            (state, private, identity) = (Cty::Null, Vec::new(), None);
            first = plan(asker, type_name, kind, [&state, &config], &private, &identity)?;
        }
        // What was unknown is known when it is applied.
        let config = known(rng, &config, kind, "");
        let second = plan(asker, type_name, kind, [&state, &config], &private, &identity)?;
        let planned = |it: &tf::plan_resource_change::Response| unwire(&it.planned_state, kind);
        let (Some(before), Some(after)) = (planned(&first), planned(&second)) else {
            asker.fault("a plan cannot be decoded".to_owned());
            return None;
        };
        let replaces = [&first, &second].map(|it| !it.requires_replace.is_empty());
        let violations = contract::planned_again(kind, &state, (&before, replaces[0]), (&after, replaces[1]));
        if !violations.is_empty() {
            asker.fault(format!("the second plan differs from the first: {violations:?}"));
        }
        let request = tf::apply_resource_change::Request {
            type_name: type_name.to_owned(),
            prior_state: wire(&state, kind),
            planned_state: second.planned_state,
            config: wire(&config, kind),
            planned_private: second.planned_private,
            planned_identity: second.planned_identity,
            ..Default::default()
        };
        let applied: tf::apply_resource_change::Response = answer(asker, "apply_resource_change", &request)?;
        state = unwire(&applied.new_state, kind)?;
        (private, identity) = (applied.private, applied.new_identity);
        state = look(asker, type_name, kind, state, &mut private, &mut identity)?;
        upgrade(asker, type_name, &state)?;
    }
    if state == Cty::Null {
        return Some(());
    }
    let planned = plan(asker, type_name, kind, [&state, &Cty::Null], &private, &identity)?;
    let request = tf::apply_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: wire(&state, kind),
        planned_state: planned.planned_state,
        config: wire(&Cty::Null, kind),
        planned_private: planned.planned_private,
        planned_identity: planned.planned_identity,
        ..Default::default()
    };
    answer::<tf::apply_resource_change::Response>(asker, "apply_resource_change", &request).map(drop)
}

/// The plan; none when it is refused. Asked twice it is the same twice.
fn plan(
    asker: &mut impl Ask,
    type_name: &str,
    kind: &Type,
    [prior, config]: [&Cty; 2],
    private: &[u8],
    identity: &Option<tf::ResourceIdentityData>,
) -> Option<tf::plan_resource_change::Response> {
    let proposed = match config {
        Cty::Null => Cty::Null,
        _ => proposed(kind.nested()?.1, prior, config),
    };
    let request = tf::plan_resource_change::Request {
        type_name: type_name.to_owned(),
        prior_state: wire(prior, kind),
        proposed_new_state: wire(&proposed, kind),
        config: wire(config, kind),
        prior_private: private.to_vec(),
        prior_identity: identity.clone(),
        ..Default::default()
    };
    let first: tf::plan_resource_change::Response = answer(asker, "plan_resource_change", &request)?;
    let again: tf::plan_resource_change::Response = answer(asker, "plan_resource_change", &request)?;
    if first != again {
        asker.fault("the same plan is another one when it is asked for again".to_owned());
    }
    (!refused(&first.diagnostics)).then_some(first)
}

fn look(
    asker: &mut impl Ask,
    type_name: &str,
    kind: &Type,
    state: Cty,
    private: &mut Vec<u8>,
    identity: &mut Option<tf::ResourceIdentityData>,
) -> Option<Cty> {
    if state == Cty::Null {
        return Some(state);
    }
    let request = tf::read_resource::Request {
        type_name: type_name.to_owned(),
        current_state: wire(&state, kind),
        private: private.clone(),
        current_identity: identity.clone(),
        ..Default::default()
    };
    let read: tf::read_resource::Response = answer(asker, "read_resource", &request)?;
    (*private, *identity) = (read.private, read.new_identity);
    unwire(&read.new_state, kind)
}

/// A state of this version goes through unharmed.
fn upgrade(asker: &mut impl Ask, type_name: &str, state: &Cty) -> Option<()> {
    let mut json = String::new();
    Tree::of(state).json(&mut json);
    let raw_state = Some(tf::RawState { json: json.into_bytes(), ..Default::default() });
    let request = tf::upgrade_resource_state::Request { type_name: type_name.to_owned(), version: 0, raw_state };
    answer::<tf::upgrade_resource_state::Response>(asker, "upgrade_resource_state", &request).map(drop)
}

fn answer<A: Message + Default>(asker: &mut impl Ask, rpc: &'static str, request: &impl Message) -> Option<A> {
    A::decode(&asker.ask(rpc, request)?[..]).ok()
}

fn refused(diagnostics: &[tf::Diagnostic]) -> bool {
    diagnostics.iter().any(|it| it.severity() == tf::diagnostic::Severity::Error)
}

pub fn wire(value: &Cty, kind: &Type) -> Option<tf::DynamicValue> {
    let Ok(Raw::MessagePack(msgpack)) = Raw::encode_as(value, kind) else { panic!("a value of its type is encoded") };
    Some(tf::DynamicValue { msgpack, json: Vec::new() })
}

pub fn unwire(value: &Option<tf::DynamicValue>, kind: &Type) -> Option<Cty> {
    Raw::MessagePack(value.as_ref()?.msgpack.clone()).decode_as(kind).ok()
}

/// What Terraform proposes: the configuration, and what was computed before. After the rules of its `ProposedNew`.
fn proposed(attributes: &[Attribute], prior: &Cty, config: &Cty) -> Cty {
    let Cty::Map(members) = config else { return config.clone() };
    let merged = attributes.iter().map(|it| {
        let (before, wanted) = (member(prior, &it.name), members.get(&it.name).cloned().unwrap_or_default());
        let value = match (wanted.is_null(), it.kind.nested()) {
            (true, _) if it.constraint.computed() => before,
            (_, Some(nested)) => proposed_nested(nested, &before, wanted),
            _ => wanted,
        };
        (it.name.clone(), value)
    });
    Cty::Map(merged.collect())
}

fn proposed_nested((nesting, attributes): (Nesting, &[Attribute]), prior: &Cty, config: Cty) -> Cty {
    let element = |index: usize| match prior {
        Cty::List(elements) => elements.get(index).cloned().unwrap_or_default(),
        _ => Cty::Null,
    };
    match (nesting, config) {
        (Nesting::Single, config) => proposed(attributes, prior, &config),
        (Nesting::List, Cty::List(elements)) => {
            let elements = elements.iter().enumerate();
            Cty::List(elements.map(|(index, it)| proposed(attributes, &element(index), it)).collect())
        }
        (Nesting::Map, Cty::Map(members)) => Cty::Map(
            members.iter().map(|(key, it)| (key.clone(), proposed(attributes, &member(prior, key), it))).collect(),
        ),
        // Elements of a set are taken for new ones here, which Terraform does as well when anything differs.
        (_, config) => config,
    }
}

fn member(object: &Cty, name: &str) -> Cty {
    match object {
        Cty::Map(members) => members.get(name).cloned().unwrap_or_default(),
        _ => Cty::Null,
    }
}

/// A configuration that Terraform lets pass. `unknown` of 256 leaves are not known yet.
pub fn object(rng: &mut Rng, attributes: &[Attribute], unknown: u8) -> Cty {
    let members = attributes.iter().map(|it| {
        let value = match it.constraint {
            Constraint::Computed => Cty::Null,
            Constraint::Required => value(rng, &it.kind, &it.name, unknown),
            _ if rng.u8(..) < 170 => Cty::Null,
            _ => value(rng, &it.kind, &it.name, unknown),
        };
        (it.name.clone(), value)
    });
    Cty::Map(members.collect())
}

fn value(rng: &mut Rng, kind: &Type, name: &str, unknown: u8) -> Cty {
    // What lies in an unknown object may turn out to need a replacement, which nobody can plan for.
    if kind.nested().is_none() && rng.u8(..) < unknown {
        return Cty::UNKNOWN;
    }
    match kind {
        Type::Bool => Cty::Bool(rng.bool()),
        Type::Number => Cty::Number(rng.choice(&[0_i64, 1, 2, 3, 7, 30, -1, 100_000]).copied().unwrap_or(1).into()),
        // cty normalises, so what is not normal is never sent.
        Type::String => Cty::String(Some(tree::text(rng, name)).filter(|it| it.is_ascii()).unwrap_or_default()),
        Type::List(of) => Cty::List((0..rng.usize(..3)).map(|_| value(rng, of, name, unknown)).collect()),
        Type::Set(of) => Cty::set((0..rng.usize(..3)).map(|_| value(rng, of, name, unknown)).collect()),
        Type::Map(of) => {
            let keys = ["a", "b.c/d", "é"].into_iter().take(rng.usize(..4));
            Cty::Map(keys.map(|key| (key.into(), value(rng, of, name, unknown))).collect())
        }
        Type::Tuple(of) => Cty::List(of.iter().map(|of| value(rng, of, name, unknown)).collect()),
        Type::Object(of) => {
            Cty::Map(BTreeMap::from_iter(of.iter().map(|(name, kind)| (name.clone(), value(rng, kind, name, unknown)))))
        }
        Type::Nested(attributes) => object(rng, attributes, unknown),
        Type::Dynamic => Cty::Null,
    }
}

/// The same value with nothing unknown in it.
fn known(rng: &mut Rng, it: &Cty, kind: &Type, name: &str) -> Cty {
    match (it, kind) {
        (Cty::Unknown(_), _) => value(rng, kind, name, 0),
        (Cty::List(elements), Type::List(of)) => {
            Cty::List(elements.iter().map(|it| known(rng, it, of, name)).collect())
        }
        (Cty::List(elements), Type::Set(of)) => Cty::set(elements.iter().map(|it| known(rng, it, of, name)).collect()),
        (Cty::Map(members), Type::Map(of)) => {
            Cty::Map(members.iter().map(|(key, it)| (key.clone(), known(rng, it, of, name))).collect())
        }
        (Cty::Map(members), Type::Nested(_) | Type::Object(_)) => {
            let of = |name: &str| kind.field(name).map_or(Type::Dynamic, |it| it.1.clone());
            Cty::Map(members.iter().map(|(name, it)| (name.clone(), known(rng, it, &of(name), name))).collect())
        }
        (it, _) => it.clone(),
    }
}
