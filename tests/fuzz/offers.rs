//! What the provider says that it offers: the names and types that requests are made of, read as Terraform reads them.

use std::collections::BTreeMap;

use loki_provider::plugin::Services;
use loki_provider::proto::tfplugin6 as tf;
use loki_provider::proto::tfplugin6::provider_server::Provider;
use loki_provider::schema::{Attribute, Constraint, Type};
use tonic::Request;

use super::rpcs::Of;

/// Names and types by what they are of.
pub struct Offers {
    kinds: BTreeMap<Of, Vec<(String, Type)>>,
    pub identities: Vec<(String, Type)>,
    /// Functions with the types of their parameters.
    pub functions: Vec<(String, Vec<Type>)>,
}

impl Offers {
    pub async fn of(services: &Services) -> Self {
        let schema = services.get_provider_schema(Request::new(tf::get_provider_schema::Request {})).await;
        let schema = schema.expect("the schema").into_inner();
        let identities = services
            .get_resource_identity_schemas(Request::new(tf::get_resource_identity_schemas::Request {}))
            .await
            .expect("the identities");
        let of = |schema: tf::Schema| kind(&schema.block.unwrap_or_default().attributes);
        let all = |schemas: std::collections::BTreeMap<String, tf::Schema>| {
            schemas.into_iter().map(|(name, schema)| (name, of(schema))).collect::<Vec<_>>()
        };
        let actions = schema.action_schemas.into_iter();
        let kinds = BTreeMap::from([
            (Of::Provider, vec![(String::new(), of(schema.provider.unwrap_or_default()))]),
            (Of::Resource, all(schema.resource_schemas.into_iter().collect())),
            (Of::Data, all(schema.data_source_schemas.into_iter().collect())),
            (Of::Ephemeral, all(schema.ephemeral_resource_schemas.into_iter().collect())),
            (Of::List, all(schema.list_resource_schemas.into_iter().collect())),
            (Of::Action, actions.map(|(name, it)| (name, of(it.schema.unwrap_or_default()))).collect()),
        ]);
        let identities = identities.into_inner().identity_schemas.into_iter();
        let identities = identities.map(|(name, schema)| {
            let attributes = schema.identity_attributes.iter().map(|it| Attribute {
                name: it.name.clone().into(),
                kind: plain(&it.r#type),
                ..Attribute::default()
            });
            (name, Type::Nested(attributes.collect()))
        });
        let functions = schema.functions.into_iter().map(|(name, it)| {
            let parameters = it.parameters.iter().chain(&it.variadic_parameter);
            (name, parameters.map(|it| plain(&it.r#type)).collect())
        });
        Self { kinds, identities: identities.collect(), functions: functions.collect() }
    }

    /// All of that sort.
    pub fn all(&self, of: Of) -> &[(String, Type)] {
        &self.kinds[&of]
    }
}

fn plain(json: &[u8]) -> Type {
    let json = serde_json::from_slice(json).expect("a type in JSON");
    Type::from_json(&json).expect("a type")
}

fn kind(attributes: &[tf::schema::Attribute]) -> Type {
    use tf::schema::object::NestingMode;
    let one = |it: &tf::schema::Attribute| Attribute {
        name: it.name.clone().into(),
        kind: match &it.nested_type {
            None => plain(&it.r#type),
            Some(nested) => {
                let inner = kind(&nested.attributes);
                match nested.nesting() {
                    NestingMode::List => Type::List(Box::new(inner)),
                    NestingMode::Set => Type::Set(Box::new(inner)),
                    NestingMode::Map => Type::Map(Box::new(inner)),
                    NestingMode::Single | NestingMode::Invalid => inner,
                }
            }
        },
        constraint: match (it.required, it.optional, it.computed) {
            (true, ..) => Constraint::Required,
            (_, true, true) => Constraint::OptionalComputed,
            (_, false, true) => Constraint::Computed,
            _ => Constraint::Optional,
        },
        write_only: it.write_only,
        ..Attribute::default()
    };
    Type::Nested(attributes.iter().map(one).collect())
}
