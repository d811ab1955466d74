//! A resource that does what its name says, and the provider around it, without a process.

use std::sync::Arc;

use async_trait::async_trait;
use loki_provider::plugin::Services;
use loki_provider::proto::tfplugin6::DynamicValue;
use loki_provider::resource::{AnyProvider, Call, Change, Registry, Resource, Upgrade};
use loki_provider::schema::{Block, Diagnostics, Problem, Raw, Report, Schematic, Value};
use tokio::sync::Notify;

pub const TYPE: &str = "loki_fake";

/// A fake.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
#[schematic(version = 1)]
pub struct Fake {
    /// What to do.
    #[attr(required, replace)]
    pub name: Value<String>,
    /// What was made.
    #[attr(computed)]
    pub made: Value<String>,
}

/// What names a fake.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct FakeIdentity {
    /// Its name.
    #[attr(required)]
    pub name: Value<String>,
}

impl Fake {
    pub fn new(name: &str) -> Self {
        Self { name: Value::Value(name.to_owned()), made: Value::Null }
    }

    pub fn made(self) -> Self {
        Self { made: Value::Value("half".to_owned()), ..self }
    }

    pub fn wire(&self) -> Option<DynamicValue> {
        let Raw::MessagePack(msgpack) = Raw::encode(self).unwrap() else { panic!("MessagePack") };
        Some(DynamicValue { msgpack, json: Vec::new() })
    }
}

/// What an answer holds; none for null.
pub fn read(value: Option<DynamicValue>) -> Option<Fake> {
    match Raw::MessagePack(value.unwrap().msgpack).decode().unwrap() {
        Value::Value(fake) => Some(fake),
        _ => None,
    }
}

/// The resource. It says through `begun` that a slow phase is under way.
#[derive(Default)]
struct Faker {
    begun: Arc<Notify>,
}

impl Faker {
    async fn act(&self, call: &Call, name: &Value<String>, report: &mut Diagnostics) {
        match name.as_deref().unwrap_or_default() {
            "panics" => panic!("this text may hold a secret: {name:?}"),
            "waits" => {
                self.begun.notify_one();
                call.stop.cancelled().await;
                call.stopped("waiting", report);
            }
            "hangs" => {
                self.begun.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
    }
}

#[async_trait]
impl Resource for Faker {
    type State = Fake;
    type Identity = FakeIdentity;
    const TYPE: &'static str = TYPE;
    const UPGRADES: &'static [Upgrade] = &[Ok];

    fn identity(&self, state: &Fake) -> Option<FakeIdentity> {
        Some(FakeIdentity { name: state.name.clone() })
    }

    fn id_of(&self, identity: &FakeIdentity) -> Result<String, Problem> {
        Ok(identity.name.clone().unwrap())
    }

    fn validate(&self, config: &Fake, _report: &mut Diagnostics) {
        assert_ne!(config.name.as_deref().unwrap_or_default(), "panics");
    }

    async fn check(&self, call: &Call, change: &mut Change<'_, Fake>, report: &mut Diagnostics) {
        self.act(call, &change.config.name, report).await;
    }

    async fn create(&self, call: &Call, planned: &Fake, state: &mut Option<Fake>, report: &mut Diagnostics) {
        *state = Some(planned.clone().made());
        self.act(call, &planned.name, report).await;
    }

    async fn update(&self, call: &Call, planned: &Fake, state: &mut Option<Fake>, report: &mut Diagnostics) {
        self.create(call, planned, state, report).await;
    }

    async fn delete(&self, call: &Call, state: &mut Option<Fake>, report: &mut Diagnostics) {
        let name = state.clone().unwrap_or_default().name;
        self.act(call, &name, report).await;
        *state = None;
    }

    async fn test(&self, call: &Call, state: &mut Option<Fake>, report: &mut Diagnostics) {
        let name = state.clone().unwrap_or_default().name;
        self.act(call, &name, report).await;
    }

    async fn import(&self, call: &Call, id: &str, state: &mut Option<Fake>, report: &mut Diagnostics) {
        if id != "missing" {
            *state = Some(Fake::new(id));
            self.act(call, &Value::Value(id.to_owned()), report).await;
        }
    }
}

/// A provider whose own code panics outside of every resource.
struct Panicking;

#[async_trait]
impl AnyProvider for Panicking {
    fn schema(&self) -> Block {
        panic!("in the schema")
    }

    async fn validate(&self, _config: Raw) -> Diagnostics {
        panic!("in the validation")
    }

    async fn configure(&self, _call: &Call, _config: Raw) -> Diagnostics {
        let mut report = Diagnostics::default();
        report.warn(Problem::new("Configured"));
        report
    }
}

/// The services over the fake, and the sign that a slow phase has begun.
pub fn services() -> (Services, Arc<Notify>) {
    let faker = Faker::default();
    let begun = faker.begun.clone();
    (Services::new(Registry::new(Panicking).resource(faker)), begun)
}
