//! A resource that breaks Terraform's contract: the client hears of it from us, with the place and without a value, and
//! no object is lost.

use async_trait::async_trait;
use loki_provider::plugin::Services;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_server::Provider;
use loki_provider::resource::{Call, Change, DataSource, Registry, Resource};
use loki_provider::schema::{Cty, Diagnostics, Problem, Raw, Refinement, Schematic, Value, at};
use tonic::Request;

use super::fake::Panicking;
use super::said::{error, json, place};

const TYPE: &str = "loki_wrong";

/// Does the wrong that its name says.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Wrong {
    /// What to do wrong.
    #[attr(required)]
    pub name: Value<String>,
    /// A secret.
    #[attr(optional, sensitive)]
    pub secret: Value<String>,
    /// A secret that is never kept.
    #[attr(optional, write_only)]
    pub password: Value<String>,
    /// What was made.
    #[attr(computed, prefix = "made:")]
    pub made: Value<String>,
}

/// What names it.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// Its name.
    #[attr(required)]
    pub name: Value<String>,
}

fn text(text: &str) -> Value<String> {
    Value::Value(text.to_owned())
}

struct Culprit;

#[async_trait]
impl Resource for Culprit {
    type State = Wrong;
    type Identity = Identity;
    const TYPE: &'static str = TYPE;

    fn identity(&self, state: &Wrong) -> Option<Identity> {
        // The name of a made one changes its identity.
        let name = if state.secret == text("renamed") { text("another") } else { state.name.clone() };
        Some(Identity { name })
    }

    fn id_of(&self, _identity: &Identity) -> Result<String, Problem> {
        Ok(String::new())
    }

    fn validate(&self, _config: &Wrong, _report: &mut Diagnostics) {}

    async fn check(&self, _call: &Call, change: &mut Change<'_, Wrong>, _report: &mut Diagnostics) {
        match change.config.name.as_deref().unwrap_or_default() {
            "changes the plan" => change.planned.secret = text("hunter3"),
            "plans a secret" => change.planned.password = text("hunter3"),
            "replaces by nothing" => change.replace.push(at("nothing")),
            _ => {}
        }
    }

    async fn create(&self, _: &Call, planned: &Wrong, state: &mut Option<Wrong>, _: &mut Diagnostics) {
        let made = Wrong { made: text("made:it"), ..planned.clone() };
        *state = match planned.name.as_deref().unwrap_or_default() {
            "forgets" => None,
            "leaves unknown" => Some(planned.clone()),
            "changes the result" => Some(Wrong { secret: text("hunter3"), ..made }),
            "breaks its promise" => Some(Wrong { made: text("hunter3"), ..made }),
            "uses the password" => {
                assert_eq!(planned.password, text("hunter2"), "a write-only value is there when it is needed");
                Some(made)
            }
            _ => Some(made),
        };
    }

    async fn update(&self, call: &Call, planned: &Wrong, state: &mut Option<Wrong>, report: &mut Diagnostics) {
        self.create(call, planned, state, report).await;
    }

    async fn delete(&self, _call: &Call, _state: &mut Option<Wrong>, _report: &mut Diagnostics) {}

    async fn test(&self, _call: &Call, state: &mut Option<Wrong>, _report: &mut Diagnostics) {
        if let Some(state) = state
            && state.name == text("reads unknown")
        {
            state.made = Value::Unknown;
        }
    }

    async fn import(&self, _: &Call, _id: &str, _state: &mut Option<Wrong>, _: &mut Diagnostics) {}
}

#[async_trait]
impl DataSource for Culprit {
    type State = Wrong;
    const TYPE: &'static str = TYPE;

    async fn read(&self, _call: &Call, state: &mut Wrong, _report: &mut Diagnostics) {
        if state.name == text("changes the result") {
            state.secret = text("hunter3");
        }
    }
}

fn services() -> Services {
    Services::new(Registry::new(Panicking).resource(Culprit).data_source(Culprit))
}

fn config(name: &str) -> serde_json::Value {
    serde_json::json!({"name": name, "secret": "hunter2", "password": null, "made": null})
}

async fn plan(config: serde_json::Value, prior: serde_json::Value) -> tf::plan_resource_change::Response {
    let request = tf::plan_resource_change::Request {
        type_name: TYPE.to_owned(),
        prior_state: json(prior),
        proposed_new_state: json(config.clone()),
        config: json(config),
        ..Default::default()
    };
    services().plan_resource_change(Request::new(request)).await.unwrap().into_inner()
}

async fn apply(name: &str, prior: serde_json::Value) -> tf::apply_resource_change::Response {
    let planned = Wrong { name: text(name), secret: text("hunter2"), made: Value::Unknown, ..Wrong::default() };
    let mut config = config(name);
    config["password"] = "hunter2".into();
    let request = tf::apply_resource_change::Request {
        type_name: TYPE.to_owned(),
        planned_state: if name == "stays" { None } else { wire(&planned.to_tree()) },
        prior_state: json(prior),
        config: json(config),
        ..Default::default()
    };
    services().apply_resource_change(Request::new(request)).await.unwrap().into_inner()
}

impl Wrong {
    /// With what the schema promises of `made`.
    fn to_tree(&self) -> Cty {
        use loki_provider::schema::AttributeKind;
        let mut tree = self.to_cty();
        tree.refine_computed(&Self::attribute_type());
        tree
    }
}

fn wire(tree: &Cty) -> Option<tf::DynamicValue> {
    let Ok(Raw::MessagePack(msgpack)) = Raw::encode_as(tree, &Wrong::block().kind()) else { panic!("{tree:?}") };
    Some(tf::DynamicValue { msgpack, json: Vec::new() })
}

fn tree(value: &Option<tf::DynamicValue>) -> Cty {
    Raw::MessagePack(value.as_ref().unwrap().msgpack.clone()).decode_as(&Wrong::block().kind()).unwrap()
}

fn member(tree: &Cty, name: &str) -> Cty {
    let Cty::Map(members) = tree else { panic!("{tree:?}") };
    members[name].clone()
}

/// Asserts our own diagnostic, at that path.
#[track_caller]
fn ours(diagnostics: &[tf::Diagnostic], path: &str) {
    let error = error(diagnostics);
    assert!(error.detail.contains("breaks Terraform's contract"), "{error:?}");
    assert!(!error.detail.contains("hunter"), "{error:?}");
    assert_eq!(place(diagnostics), path, "{error:?}");
}

#[tokio::test]
async fn a_plan_that_departs_from_its_configuration_is_our_fault() {
    for (name, path) in [("changes the plan", "secret"), ("replaces by nothing", "nothing")] {
        ours(&plan(config(name), serde_json::Value::Null).await.diagnostics, path);
    }
    assert_eq!(plan(config("right"), serde_json::Value::Null).await.diagnostics, []);
}

#[tokio::test]
async fn a_write_only_value_that_a_resource_plans_is_taken_out() {
    let planned = plan(config("plans a secret"), serde_json::Value::Null).await;
    assert_eq!(planned.diagnostics, []);
    assert_eq!(member(&tree(&planned.planned_state), "password"), Cty::Null);
}

#[tokio::test]
async fn a_result_that_departs_from_its_plan_is_our_fault_and_is_kept() {
    for (name, path) in [("leaves unknown", "made"), ("changes the result", "secret"), ("breaks its promise", "made")] {
        let applied = apply(name, serde_json::Value::Null).await;
        ours(&applied.diagnostics, path);
        let kept = tree(&applied.new_state);
        assert_eq!(member(&kept, "name"), Cty::String(name.to_owned()), "what exists is in the state");
        assert!(kept.is_wholly_known());
    }
    ours(&apply("forgets", serde_json::Value::Null).await.diagnostics, "");
    let stays = apply("stays", config("stays")).await;
    ours(&stays.diagnostics, "");
    assert_eq!(member(&tree(&stays.new_state), "name"), Cty::String("stays".to_owned()));
    assert_eq!(apply("right", serde_json::Value::Null).await.diagnostics, []);
}

#[tokio::test]
async fn a_write_only_value_reaches_the_resource_and_no_answer() {
    let applied = apply("uses the password", serde_json::Value::Null).await;
    assert_eq!(applied.diagnostics, []);
    assert_eq!(member(&tree(&applied.new_state), "password"), Cty::Null);
    let mut config = config("right");
    config["password"] = "hunter2".into();
    let planned = plan(config, serde_json::Value::Null).await;
    assert_eq!(planned.diagnostics, []);
    assert_eq!(member(&tree(&planned.planned_state), "password"), Cty::Null);
}

#[tokio::test]
async fn what_is_read_is_known_and_is_the_same_object() {
    let read = async |name: &str, secret: &str| {
        let mut state = config(name);
        state["secret"] = secret.into();
        let identity_data = json(serde_json::json!({"name": name}));
        let request = tf::read_resource::Request {
            type_name: TYPE.to_owned(),
            current_state: json(state),
            current_identity: Some(tf::ResourceIdentityData { identity_data }),
            ..Default::default()
        };
        services().read_resource(Request::new(request)).await.unwrap().into_inner().diagnostics
    };
    ours(&read("reads unknown", "hunter2").await, "made");
    ours(&read("right", "renamed").await, "name");
    assert_eq!(read("right", "hunter2").await, []);
}

#[tokio::test]
async fn a_lookup_that_departs_from_its_configuration_is_our_fault() {
    let read = async |name: &str| {
        let config = json(config(name));
        let request = tf::read_data_source::Request { type_name: TYPE.to_owned(), config, ..Default::default() };
        services().read_data_source(Request::new(request)).await.unwrap().into_inner().diagnostics
    };
    ours(&read("changes the result").await, "secret");
    assert_eq!(read("right").await, []);
}

#[tokio::test]
async fn what_is_known_of_unknown_values_goes_back_to_terraform() {
    let known = Refinement { null: Some(false), prefix: Some("hun".into()), ..Refinement::default() };
    let config = Cty::Map(
        [
            ("name".into(), Cty::String("right".to_owned())),
            ("secret".into(), Cty::refined(known.clone())),
            ("password".into(), Cty::Null),
            ("made".into(), Cty::Null),
        ]
        .into(),
    );
    let request = tf::plan_resource_change::Request {
        type_name: TYPE.to_owned(),
        proposed_new_state: wire(&config),
        config: wire(&config),
        ..Default::default()
    };
    let planned = services().plan_resource_change(Request::new(request)).await.unwrap().into_inner();
    assert_eq!(planned.diagnostics, []);
    let planned = tree(&planned.planned_state);
    assert_eq!(member(&planned, "secret"), Cty::refined(known));
    let promised = Refinement { null: Some(false), prefix: Some("made:".into()), ..Refinement::default() };
    assert_eq!(member(&planned, "made"), Cty::refined(promised));
}
