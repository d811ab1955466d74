//! Plans and applies a resource as Terraform's core does, and holds its answers to core's rules.

use std::marker::PhantomData;

use loki_provider::resource::provider::Adapters;
use loki_provider::resource::{AnyResource, Call, Lookup, Registry, registry};
use loki_provider::schema::{Cty, Diagnostics, Raw, Schematic};
use loki_provider::{aws, kube};
use secrecy::ExposeSecret;
use serde_json::json;

/// One resource type under one provider configuration.
pub struct Driver<S> {
    registry: Registry,
    type_name: &'static str,
    pub call: Call,
    state: PhantomData<S>,
}

/// A state, or none, with what was said.
#[derive(Debug)]
pub struct Outcome<S> {
    pub state: Option<S>,
    pub report: Diagnostics,
}

impl<S: Schematic + std::fmt::Debug> Driver<S> {
    pub async fn new(type_name: &'static str, settings: &aws::Settings) -> Self {
        Self::with(type_name, settings, &json!({})).await
    }

    /// With more in the `aws` block.
    pub async fn with(type_name: &'static str, settings: &aws::Settings, more: &serde_json::Value) -> Self {
        let registry = registry(Adapters { aws: aws::connect, kube: kube::connect });
        let mut config = json!({"aws": {
            "region": settings.region,
            "access_key": settings.access_key,
            "secret_key": settings.secret_key.as_ref().map(|key| key.expose_secret()),
            "use_path_style": true,
            "endpoints": {
                "s3": settings.endpoints.s3, "iam": settings.endpoints.iam,
                "sts": settings.endpoints.sts, "eks": settings.endpoints.eks, "kms": settings.endpoints.kms,
            },
        }});
        config["aws"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let said = registry.provider.configure(&Call::default(), Raw::Json(config.to_string().into_bytes())).await;
        assert!(said.errors.is_empty(), "{said:?}");
        Self { registry, type_name, call: Call::default(), state: PhantomData }
    }

    fn resource(&self) -> &dyn AnyResource {
        self.registry.resources.iter().find(|it| it.type_name() == self.type_name).unwrap().as_ref()
    }

    /// PlanResourceChange.
    pub async fn plan_once(&self, prior: Option<&S>, config: Option<&S>) -> Outcome<S> {
        let proposed = config.map(|config| proposed(prior, config));
        let planned = self.resource().plan(&self.call, raw(prior), raw(proposed.as_ref()), raw(config)).await;
        Outcome { state: decode(&planned.state), report: planned.diagnostics }
    }

    /// PlanResourceChange, twice as core does; the same input has the same answer.
    pub async fn plan(&self, prior: Option<&S>, config: Option<&S>) -> Outcome<S> {
        let (first, second) = (self.plan_once(prior, config).await, self.plan_once(prior, config).await);
        assert_eq!((&first.state, texts(&first.report)), (&second.state, texts(&second.report)));
        first
    }

    /// Plans and applies; without an error the state is what was planned.
    pub async fn apply(&self, prior: Option<&S>, config: Option<&S>) -> Outcome<S> {
        let planned = self.plan(prior, config).await;
        assert!(planned.report.errors.is_empty(), "{:?}", texts(&planned.report));
        self.apply_planned(prior, planned.state.as_ref()).await
    }

    /// ApplyResourceChange.
    pub async fn apply_planned(&self, prior: Option<&S>, planned: Option<&S>) -> Outcome<S> {
        let answer = self.resource().apply(&self.call, raw(prior), raw(planned), raw(planned)).await;
        let outcome = Outcome { state: decode::<S>(&answer.state), report: answer.diagnostics };
        if let Some(state) = &outcome.state {
            assert_eq!(state.unknowns(), []);
        }
        let knows_all = planned.is_none_or(|planned| planned.unknowns().is_empty());
        if outcome.report.errors.is_empty() && knows_all {
            assert_eq!(outcome.state.as_ref(), planned);
        }
        outcome
    }

    pub async fn import(&self, id: &str) -> Outcome<S> {
        let answer = self.resource().import(&self.call, Lookup::Id(id.to_owned())).await;
        Outcome { state: decode(&answer.state), report: answer.diagnostics }
    }

    pub async fn read(&self, state: &S) -> Outcome<S> {
        let answer = self.resource().read(&self.call, raw(Some(state))).await;
        Outcome { state: decode(&answer.state), report: answer.diagnostics }
    }
}

impl<S: std::fmt::Debug> Outcome<S> {
    /// The state of something that went well.
    pub fn sound(self) -> S {
        assert!(self.report.errors.is_empty(), "{:?}", texts(&self.report));
        self.state.unwrap()
    }

    /// An error at that path with these words in it.
    pub fn refuses(&self, path: &str, words: &[&str]) {
        says(&self.report.errors, path, words);
    }

    /// A warning at that path with these words in it.
    pub fn warns(&self, path: &str, words: &[&str]) {
        says(&self.report.warnings, path, words);
    }
}

#[path = "../support/said.rs"]
mod said;

fn says(diagnostics: &[loki_provider::schema::Diagnostic], path: &str, words: &[&str]) {
    let said = |it: &&loki_provider::schema::Diagnostic| {
        let text = format!("{}: {}", it.summary, it.detail);
        it.attribute.to_string() == path && words.iter().all(|word| text.contains(word))
    };
    diagnostics.iter().for_each(|it| said::record(&it.detail));
    assert!(diagnostics.iter().any(|it| said(&it)), "nobody says {words:?} at {path:?}: {diagnostics:?}");
}

fn texts(report: &Diagnostics) -> Vec<String> {
    let all = report.errors.iter().chain(&report.warnings);
    all.clone().for_each(|it| said::record(&it.detail));
    // Request ids differ from one request to the next.
    all.map(|it| format!("{} {}: {}", it.attribute, it.summary, it.detail.split(", request ").next().unwrap()))
        .collect()
}

/// Core's ProposedNew: what is computed and not configured stays as it was.
fn proposed<S: Schematic>(prior: Option<&S>, config: &S) -> S {
    let Some(prior) = prior else { return config.clone() };
    let object = |value: &S| match value.to_cty() {
        Cty::Map(fields) => fields,
        other => panic!("no object: {other:?}"),
    };
    let (prior, mut proposed) = (object(prior), object(config));
    for attribute in S::attributes().iter().filter(|attribute| attribute.constraint.computed()) {
        if proposed[&attribute.name].is_null() {
            proposed.insert(attribute.name.clone(), prior[&attribute.name].clone());
        }
    }
    S::from_cty(Cty::Map(proposed)).unwrap()
}

fn raw<S: Schematic>(value: Option<&S>) -> Raw {
    value.map_or_else(Raw::null, |value| Raw::encode(value).unwrap())
}

fn decode<S: Schematic>(raw: &Raw) -> Option<S> {
    raw.decode::<S>().unwrap().as_option()
}
