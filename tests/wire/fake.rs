//! A provider without a process, and one thing of every kind in it that does what its name says.

pub mod kinds;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::{self, StreamExt};
use hyper_util::rt::TokioIo;
use loki_provider::plugin::Services;
use loki_provider::proto::tfplugin6::DynamicValue;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use loki_provider::proto::tfplugin6::provider_server::ProviderServer;
use loki_provider::resource::{AnyProvider, Call, Change, Deferral, Registry, Resource, Upgrade};
use loki_provider::schema::{Block, Diagnostics, Int, Problem, Raw, Report, Schematic, Value};
use tokio::sync::Notify;
use tonic::transport::{Channel, Endpoint, Server};

pub const TYPE: &str = "loki_fake";
pub const ALIAS: &str = "fake";

/// A fake.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
#[schematic(version = 1)]
pub struct Fake {
    /// What to do.
    #[attr(required, replace)]
    pub name: Value<String>,
    /// How large.
    #[attr(optional, default = 3)]
    pub size: Value<Int>,
    /// A secret.
    #[attr(optional, write_only)]
    pub secret: Value<String>,
    /// Further ones.
    #[attr(optional)]
    pub further: Value<Vec<Value<Further>>>,
    /// What was made.
    #[attr(computed)]
    pub made: Value<String>,
}

/// Something deeper.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Further {
    /// A secret.
    #[attr(optional, write_only)]
    pub secret: Value<String>,
    /// A label.
    #[attr(optional, default = "none")]
    pub label: Value<String>,
}

/// What names a fake.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
#[schematic(version = 1)]
pub struct FakeIdentity {
    /// Its name.
    #[attr(required)]
    pub name: Value<String>,
}

impl Fake {
    pub fn new(name: &str) -> Self {
        Self { name: Value::Value(name.to_owned()), ..Self::default() }
    }

    pub fn made(self) -> Self {
        Self { made: Value::Value("half".to_owned()), ..self }
    }

    /// With its defaults.
    pub fn completed(self) -> Self {
        Self { size: Value::Value(Int::Whole(3)), ..self }
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

/// Does what it is told by name, as whatever kind.
#[derive(Clone, Default)]
pub struct Faker {
    /// Told when something slow is under way.
    pub begun: Arc<Notify>,
    /// Told when it was given up or is over.
    pub ended: Arc<Notify>,
    /// What was closed, found or upgraded.
    pub noted: Arc<Mutex<Vec<String>>>,
}

/// Tells, when it goes away, that something is over.
struct Ended(Arc<Notify>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Faker {
    pub fn note(&self, what: impl Into<String>) {
        self.noted.lock().unwrap().push(what.into());
    }

    pub fn noted(&self) -> Vec<String> {
        self.noted.lock().unwrap().clone()
    }

    async fn act(&self, call: &Call, name: &Value<String>, report: &mut Diagnostics) {
        let _ended = Ended(Arc::clone(&self.ended));
        match name.as_deref().unwrap_or_default() {
            "panics" => panic!("this text may hold a secret: {name:?}"),
            "fails" => report.refuse(Problem::new(loki_provider::summary!("It fails")).why("As it was told.")),
            "waits" => {
                self.begun.notify_one();
                call.stop.cancelled().await;
                call.stopped("waiting", report);
            }
            "hangs" => {
                self.begun.notify_one();
                std::future::pending::<()>().await;
            }
            "defers" if !call.defer(Deferral::ProviderConfigUnknown) => {
                report.refuse(Problem::new(loki_provider::summary!("Not yet")).why("The client cannot wait."));
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
    const ALIASES: &'static [&'static str] = &[ALIAS];
    const UPGRADES: &'static [Upgrade] = &[|mut state| {
        // Version 0 had "title" for "name".
        let title = state["title"].take();
        if title == "broken" {
            return Err(Problem::new(loki_provider::summary!("The title is broken")).why("It cannot be upgraded."));
        }
        assert_ne!(title, "panics");
        Ok(serde_json::json!({"name": title, "made": state["made"]}))
    }];
    const IDENTITY_UPGRADES: &'static [Upgrade] = &[|identity| Ok(serde_json::json!({"name": identity["title"]}))];

    fn identity(&self, state: &Fake) -> Option<FakeIdentity> {
        Some(FakeIdentity { name: state.name.clone() })
    }

    fn id_of(&self, identity: &FakeIdentity) -> Result<String, Problem> {
        match identity.name.as_deref().unwrap_or_default() {
            "odd" => Err(Problem::new(loki_provider::summary!("The name is odd")).why("No id follows from it.")),
            name => Ok(name.to_owned()),
        }
    }

    fn validate(&self, config: &Fake, _report: &mut Diagnostics) {
        assert_ne!(config.name.as_deref().unwrap_or_default(), "panics");
    }

    async fn check(&self, call: &Call, change: &mut Change<'_, Fake>, report: &mut Diagnostics) {
        self.act(call, &change.config.name, report).await;
    }

    async fn create(&self, call: &Call, planned: &Fake, state: &mut Option<Fake>, report: &mut Diagnostics) {
        *state = Some(planned.clone().made());
        if let Some(secret) = planned.secret.as_ref_option() {
            self.note(format!("secret {secret}"));
        }
        for further in planned.further.as_ref_option().into_iter().flatten().filter_map(Value::as_ref_option) {
            self.note(format!("further {:?}", further.secret.as_ref_option()));
        }
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
pub struct Panicking;

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
        report.warn(Problem::new(loki_provider::summary!("Configured")));
        report
    }
}

/// One fake of each kind, and the fake.
fn registry() -> (Registry, Faker) {
    let faker = Faker::default();
    let registry = Registry::new(Panicking)
        .resource(faker.clone())
        .data_source(faker.clone())
        .ephemeral_resource(faker.clone())
        .action(faker.clone())
        .list_resource(faker.clone());
    (registry, faker)
}

/// The services over one fake of each kind, and the fake.
pub fn services() -> (Services, Faker) {
    let (registry, faker) = registry();
    (Services::new(registry), faker)
}

/// The same behind a connection.
pub async fn provider() -> (ProviderClient<Channel>, Faker) {
    let (registry, faker) = registry();
    (client(registry).await, faker)
}

/// A connection to a provider of all that.
pub async fn client(registry: Registry) -> ProviderClient<Channel> {
    let (client, server) = tokio::io::duplex(1 << 16);
    let incoming = stream::iter([Ok::<_, std::io::Error>(server)]).chain(stream::pending());
    let server = Server::builder().add_service(ProviderServer::new(Services::new(registry)));
    tokio::spawn(server.serve_with_incoming(incoming));
    let mut client = Some(TokioIo::new(client));
    let gone = || std::io::Error::from(std::io::ErrorKind::NotConnected);
    let connect = tower::service_fn(move |_| std::future::ready(client.take().ok_or_else(gone)));
    ProviderClient::new(Endpoint::from_static("http://localhost").connect_with_connector(connect).await.unwrap())
}
