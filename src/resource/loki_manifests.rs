//! `loki_manifests`: what a stack is made of, as YAML.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use async_trait::async_trait;

use super::loki_stack::{LokiStack, rendered};
use super::{Call, DataSource};
use crate::loki::config::yaml_text;
use crate::schema::{
    Attribute, AttributeKind, AttributePath, Cty, DecodeError, Diagnostics, Fields, Leaf, Schematic, Type, Value,
    complete, inputs, reduce,
};

/// What of a stack's attributes is about its deployment alone.
const OF_DEPLOYMENT: [&str; 2] = ["force_conflicts", "timeouts"];

/// The attributes of a stack, and what is rendered for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LokiManifests {
    stack: LokiStack,
    rendered: Rendered,
}

/// What is rendered.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
struct Rendered {
    /// All objects as YAML documents, in the order in which they are to be applied.
    #[attr(computed)]
    yaml: Value<String>,
    /// Each object as YAML, by its key `Kind/namespace/name` (the middle is empty at cluster scope).
    #[attr(computed)]
    objects: Value<BTreeMap<String, Value<String>>>,
}

impl Schematic for LokiManifests {
    const VERSION: i64 = 0;
    const DESCRIPTION: &'static str = "The Kubernetes objects of a Grafana Loki stack as YAML, for GitOps (Argo CD, Flux) \
        and for reviews: exactly what `loki_stack` with the same attributes applies, judged by the same rules. Nothing is \
        asked of any cluster or cloud, and nothing is deployed.\n\nIt takes the attributes of `loki_stack`, but for those \
        about the deployment itself, and for secrets: passwords and keys are to be in Secrets of your own, which \
        `gateway.users_secret` and `storage.….credentials.existing_secret` name. `resource \"loki_stack\"` can take the \
        objects over later where they have the same names.";

    fn attributes() -> &'static [Attribute] {
        static ATTRIBUTES: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
            let mut attributes = inputs(LokiStack::attributes(), &OF_DEPLOYMENT);
            attributes.extend_from_slice(Rendered::attributes());
            attributes
        });
        &ATTRIBUTES
    }
}

impl AttributeKind for LokiManifests {
    fn attribute_type() -> Type {
        Type::Nested(Cow::Borrowed(Self::attributes()))
    }

    fn to_cty(&self) -> Cty {
        let Cty::Map(mut fields) = self.stack.to_cty() else { return Cty::Null };
        if let Cty::Map(rendered) = self.rendered.to_cty() {
            fields.extend(rendered);
        }
        reduce(Cty::Map(fields), &Self::attribute_type())
    }

    fn from_cty(value: Cty) -> Result<Self, DecodeError> {
        let mut fields = Fields::of(value)?;
        let rendered = Rendered { yaml: fields.take("yaml")?, objects: fields.take("objects")? };
        // The stack's own `objects` is another attribute, and null.
        let stack = complete(fields.rest(), &LokiStack::attribute_type());
        Ok(Self { stack: LokiStack::from_cty(stack)?, rendered })
    }

    fn fill_defaults(&mut self, config: Option<&Self>) {
        self.stack.fill_defaults(config.map(|config| &config.stack));
    }

    fn visit(&self, at: &AttributePath, f: &mut dyn FnMut(&AttributePath, Leaf)) {
        self.stack.visit(at, f);
        self.rendered.visit(at, f);
    }
}

/// The data source. It needs no connection.
pub struct Manifests;

#[async_trait]
impl DataSource for Manifests {
    type State = LokiManifests;
    const TYPE: &'static str = "loki_manifests";

    async fn read(&self, _call: &Call, state: &mut LokiManifests, report: &mut Diagnostics) {
        let Some(objects) = rendered(&mut state.stack, report) else { return };
        let yaml = objects.iter().map(|object| (object.key(), yaml_text(object.as_value())));
        let yaml: Vec<(String, String)> = yaml.collect();
        let documents = yaml.iter().map(|(_, text)| format!("---\n{text}")).collect();
        state.rendered = Rendered {
            yaml: Value::Value(documents),
            objects: Value::Value(yaml.into_iter().map(|(key, text)| (key, Value::Value(text))).collect()),
        };
    }
}
