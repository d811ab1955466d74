//! One of every sort that a provider offers, with attributes of every kind: what the real registry does not use is fuzzed
//! as well.

use std::collections::BTreeMap;
use std::time::SystemTime;

use async_trait::async_trait;
use loki_provider::resource::{
    Action, Call, Change, DataSource, EphemeralResource, Found, Lease, ListResource, Listed, Progress, Registry,
    Resource,
};
use loki_provider::schema::{Diagnostics, Dynamic, Int, Number, Problem, Report, Schematic, Set, Value, at};

/// Part of another.
#[derive(Schematic, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// A name.
    #[attr(required)]
    pub name: Value<String>,
    /// Filled in where it is left out.
    #[attr(optional, default = "10Gi")]
    pub size: Value<String>,
    /// Made by the provider.
    #[attr(computed)]
    pub id: Value<String>,
    /// Cannot change.
    #[attr(optional, replace)]
    pub class: Value<String>,
}

/// Attributes of every kind.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Everything {
    /// A name.
    #[attr(required, replace)]
    pub name: Value<String>,
    /// A switch.
    #[attr(optional, default = true)]
    pub enabled: Value<bool>,
    /// A whole number.
    #[attr(optional, default = 3)]
    pub replicas: Value<Int>,
    /// Any number.
    #[attr(optional)]
    pub ratio: Value<Number>,
    /// A secret.
    #[attr(optional, write_only)]
    pub password: Value<String>,
    /// Whatever there is.
    #[attr(optional)]
    pub any: Value<Dynamic>,
    /// One part.
    #[attr(optional)]
    pub one: Value<Part>,
    /// Some parts.
    #[attr(optional)]
    pub list: Value<Vec<Value<Part>>>,
    /// Parts without an order.
    #[attr(optional)]
    pub set: Value<Set<Value<Part>>>,
    /// Parts by name.
    #[attr(optional)]
    pub map: Value<BTreeMap<String, Value<Part>>>,
    /// Texts without an order.
    #[attr(optional)]
    pub zones: Value<Set<Value<String>>>,
    /// Lists in lists.
    #[attr(optional)]
    pub deep: Value<Vec<Value<Vec<Value<Int>>>>>,
    /// Texts by name.
    #[attr(optional)]
    pub tags: Value<BTreeMap<String, Value<String>>>,
    /// Made by the provider, and announced.
    #[attr(computed, prefix = "arn:")]
    pub arn: Value<String>,
}

/// What names it.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Name {
    /// Its name.
    #[attr(required)]
    pub name: Value<String>,
}

/// What is done or looked for.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Order {
    /// How often.
    #[attr(optional, default = 2)]
    pub times: Value<Int>,
    /// What to say.
    #[attr(required)]
    pub text: Value<String>,
}

struct Fake;

/// The state once it is deployed.
fn made(planned: &Everything) -> Everything {
    let mut state = planned.clone();
    state.arn = Value::Value("arn:fake".to_owned());
    let id = |part: &mut Value<Part>| {
        if let Value::Value(part) = part
            && part.id.is_unknown()
        {
            part.id = Value::Value("id".to_owned());
        }
    };
    id(&mut state.one);
    if let Value::Value(list) = &mut state.list {
        list.iter_mut().for_each(id);
    }
    if let Value::Value(map) = &mut state.map {
        map.values_mut().for_each(id);
    }
    if let Value::Value(set) = &state.set {
        let mut parts: Vec<_> = set.to_vec();
        parts.iter_mut().for_each(id);
        state.set = Value::Value(parts.into_iter().collect());
    }
    state
}

#[async_trait]
impl Resource for Fake {
    type State = Everything;
    type Identity = Name;
    const TYPE: &'static str = "loki_everything";
    const ALIASES: &'static [&'static str] = &["everything"];

    fn identity(&self, state: &Everything) -> Option<Name> {
        Some(Name { name: state.name.clone() })
    }

    fn id_of(&self, identity: &Name) -> Result<String, Problem> {
        match &identity.name {
            Value::Value(name) => Ok(name.clone()),
            _ => Err(Problem::new(loki_provider::summary!("No name"))),
        }
    }

    fn validate(&self, config: &Everything, report: &mut Diagnostics) {
        if config.name == Value::Value(String::new()) {
            report.refuse(Problem::new(loki_provider::summary!("No name")).at(at("name")));
        }
    }

    async fn check(&self, _call: &Call, _change: &mut Change<'_, Everything>, _report: &mut Diagnostics) {}

    async fn create(&self, _: &Call, planned: &Everything, state: &mut Option<Everything>, _: &mut Diagnostics) {
        *state = Some(made(planned));
    }

    async fn update(&self, _: &Call, planned: &Everything, state: &mut Option<Everything>, _: &mut Diagnostics) {
        *state = Some(made(planned));
    }

    async fn delete(&self, _call: &Call, state: &mut Option<Everything>, _report: &mut Diagnostics) {
        *state = None;
    }

    async fn test(&self, _call: &Call, _state: &mut Option<Everything>, _report: &mut Diagnostics) {}

    async fn import(&self, _: &Call, id: &str, state: &mut Option<Everything>, _: &mut Diagnostics) {
        let name = Value::Value(id.to_owned());
        *state = (!id.is_empty()).then(|| Everything { name, ..Everything::default() });
    }
}

#[async_trait]
impl DataSource for Fake {
    type State = Everything;
    const TYPE: &'static str = "loki_everything";

    async fn read(&self, _call: &Call, state: &mut Everything, _report: &mut Diagnostics) {
        state.password = Value::Null;
        *state = made(state);
    }
}

#[async_trait]
impl EphemeralResource for Fake {
    type Result = Order;
    type Private = String;
    const TYPE: &'static str = "loki_order";

    async fn open(&self, _: &Call, result: &mut Order, _: &mut Diagnostics) -> Option<Lease<String>> {
        let renew_at = Some(SystemTime::UNIX_EPOCH);
        Some(Lease { private: result.text.clone().unwrap_or_default(), renew_at })
    }
}

#[async_trait]
impl Action for Fake {
    type Config = Order;
    const TYPE: &'static str = "loki_order";

    async fn invoke(&self, _call: &Call, config: &Order, progress: &Progress, _report: &mut Diagnostics) {
        for _ in 0..3 {
            progress.say(config.text.clone().unwrap_or_default()).await;
        }
    }
}

#[async_trait]
impl ListResource for Fake {
    type Config = Order;
    type Resource = Fake;

    async fn list(&self, _call: &Call, config: &Order, found: &Found<Fake>, _report: &mut Diagnostics) {
        for _ in 0..3 {
            let identity = Name { name: config.text.clone() };
            let state = Some(Everything { name: config.text.clone(), ..Everything::default() });
            if !found.tell(Listed { identity, display_name: "one".to_owned(), state }).await {
                break;
            }
        }
    }
}

/// The registry with the fakes beside what it offers.
pub fn beside(registry: Registry) -> Registry {
    registry.resource(Fake).data_source(Fake).ephemeral_resource(Fake).action(Fake).list_resource(Fake)
}
