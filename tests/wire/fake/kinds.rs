//! The fake as a data source, an ephemeral resource, an action and a list.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use loki_provider::resource::{
    Action, Call, DataSource, EphemeralResource, Found, Lease, ListResource, Listed, Progress,
};
use loki_provider::schema::{Diagnostics, Int, Problem, Report, Schematic, Value, at};

use super::{Fake, FakeIdentity, Faker, TYPE};

/// What to do, and how often.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Errand {
    /// What to do.
    #[attr(required)]
    pub what: Value<String>,
    /// How often.
    #[attr(optional, default = 3)]
    pub times: Value<Int>,
}

impl Errand {
    fn times(&self) -> i64 {
        self.times.as_ref_option().map_or(0, Int::get)
    }

    fn validate(&self, report: &mut Diagnostics) {
        assert_ne!(self.what.as_deref().unwrap_or_default(), "panics");
        if self.what == Value::Value("nonsense".to_owned()) {
            report.refuse(
                Problem::new(loki_provider::summary!("That is nonsense")).at(at("what")).why("It was called so."),
            );
        }
    }
}

fn validate(config: &Fake, report: &mut Diagnostics) {
    Errand { what: config.name.clone(), times: Value::Null }.validate(report);
}

#[async_trait]
impl DataSource for Faker {
    type State = Fake;
    const TYPE: &'static str = TYPE;

    fn validate(&self, config: &Fake, report: &mut Diagnostics) {
        validate(config, report);
    }

    async fn read(&self, call: &Call, state: &mut Fake, report: &mut Diagnostics) {
        self.act(call, &state.name, report).await;
        *state = state.clone().made();
    }
}

#[async_trait]
impl EphemeralResource for Faker {
    type Result = Fake;
    type Private = String;
    const TYPE: &'static str = TYPE;

    fn validate(&self, config: &Fake, report: &mut Diagnostics) {
        validate(config, report);
    }

    async fn open(&self, call: &Call, result: &mut Fake, report: &mut Diagnostics) -> Option<Lease<String>> {
        self.act(call, &result.name, report).await;
        *result = result.clone().made();
        let name = result.name.clone().unwrap();
        let renew_at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(60));
        (name != "endless").then_some(Lease { private: name, renew_at })
    }

    async fn renew(&self, call: &Call, private: String, report: &mut Diagnostics) -> Option<Lease<String>> {
        let private = private.trim_start_matches("renewal ").to_owned();
        self.act(call, &Value::Value(private.clone()), report).await;
        Some(Lease { private: format!("{private} again"), renew_at: None })
    }

    async fn close(&self, call: &Call, private: String, report: &mut Diagnostics) {
        self.note(private.clone());
        if let Some(what) = private.strip_prefix("closing ") {
            self.act(call, &Value::Value(what.to_owned()), report).await;
        }
    }
}

#[async_trait]
impl Action for Faker {
    type Config = Errand;
    const TYPE: &'static str = TYPE;

    fn validate(&self, config: &Errand, report: &mut Diagnostics) {
        config.validate(report);
    }

    async fn check(&self, call: &Call, config: &Errand, report: &mut Diagnostics) {
        self.act(call, &config.what, report).await;
    }

    async fn invoke(&self, call: &Call, config: &Errand, progress: &Progress, report: &mut Diagnostics) {
        for time in 1..=config.times() {
            progress.say(format!("Time {time}")).await;
        }
        self.act(call, &config.what, report).await;
    }
}

#[async_trait]
impl ListResource for Faker {
    type Config = Errand;
    type Resource = Faker;

    fn validate(&self, config: &Errand, report: &mut Diagnostics) {
        config.validate(report);
    }

    async fn list(&self, call: &Call, config: &Errand, found: &Found<Faker>, report: &mut Diagnostics) {
        for number in 0..config.times() {
            let name = format!("fake {number}");
            self.note(&name);
            let identity = FakeIdentity { name: Value::Value(name.clone()) };
            let state = found.wants_state().then(|| Fake::new(&name).made());
            if !found.tell(Listed { identity, display_name: name, state }).await {
                return;
            }
        }
        self.act(call, &config.what, report).await;
    }
}
