//! Functions, on a provider that is not configured.

use loki_provider::proto::tfplugin6 as tf;
use loki_provider::resource::{Function, FunctionProblem, Parameter, Registry, Signature};
use loki_provider::schema::{Cty, Raw, Type};
use serde_json::json;
use tf::provider_client::ProviderClient;
use tonic::transport::Channel;

use super::fake::{Panicking, client};
use super::said::{garbage, json, unknown};

/// Joins texts by a separator.
struct Joined;

impl Function for Joined {
    const NAME: &'static str = "joined";

    fn signature(&self) -> Signature {
        let text = |name: &'static str| Parameter { name: name.into(), kind: Type::String, ..Parameter::default() };
        Signature {
            parameters: vec![
                Parameter { allow_null: true, ..text("separator") },
                Parameter { allow_unknown: true, ..text("first") },
            ],
            variadic: Some(text("rest")),
            returns: Type::String,
            summary: "Joins texts".into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let text = |it: &Cty| match it {
            Cty::String(text) => text.clone(),
            _ => "?".to_owned(),
        };
        match text(&arguments[1]).as_str() {
            "panics" => panic!("this text may hold a secret: {arguments:?}"),
            "odd" => return Err(FunctionProblem::new("It is odd.").at(1)),
            "number" => return Ok(Cty::Number(1i64.into())),
            _ => {}
        }
        let parts: Vec<_> = arguments[1..].iter().map(text).collect();
        Ok(Cty::String(parts.join(&text(&arguments[0]))))
    }
}

async fn provider() -> ProviderClient<Channel> {
    client(Registry::new(Panicking).function(Joined)).await
}

type Arguments<'a> = &'a [Option<tf::DynamicValue>];

async fn call(provider: &mut ProviderClient<Channel>, arguments: Arguments<'_>) -> tf::call_function::Response {
    let arguments = arguments.iter().cloned().map(Option::unwrap).collect();
    let request = tf::call_function::Request { name: Joined::NAME.to_owned(), arguments };
    provider.call_function(request).await.unwrap().into_inner()
}

fn text(value: &str) -> Option<tf::DynamicValue> {
    let Raw::MessagePack(msgpack) = Raw::encode(&value.to_owned()).unwrap() else { panic!("MessagePack") };
    Some(tf::DynamicValue { msgpack, json: Vec::new() })
}

#[tokio::test]
async fn functions_are_defined_alike_wherever_they_are_asked_for() {
    let mut provider = provider().await;
    let functions = provider.get_functions(tf::get_functions::Request {}).await.unwrap().into_inner().functions;
    let definition = &functions[Joined::NAME];
    let types: Vec<_> = definition.parameters.iter().map(|it| (it.name.as_str(), it.r#type.as_slice())).collect();
    assert_eq!(types, [("separator", &b"\"string\""[..]), ("first", b"\"string\"")]);
    assert_eq!(definition.variadic_parameter.as_ref().unwrap().name, "rest");
    assert_eq!(definition.r#return.as_ref().unwrap().r#type, b"\"string\"");
    let metadata = provider.get_metadata(tf::get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.functions[0].name, Joined::NAME);
}

#[tokio::test]
async fn a_function_takes_both_encodings_and_any_number_of_the_last() {
    let mut provider = provider().await;
    for (arguments, expected) in [
        (vec![text(", "), text("a")], "a"),
        (vec![text(", "), json(json!("a")), text("b"), text("c")], "a, b, c"),
        (vec![json(json!(null)), text("a"), text("b")], "a?b"),
        (vec![text("-"), unknown(), text("b")], "?-b"),
    ] {
        let answer = call(&mut provider, &arguments).await;
        assert_eq!((answer.error, answer.result), (None, text(expected)));
    }
    let answer = call(&mut provider, &[text("-"), text("a"), unknown()]).await;
    assert_eq!((answer.error, answer.result), (None, unknown()), "unknown in, unknown out");
}

#[tokio::test]
async fn an_argument_that_cannot_be_taken_is_named() {
    let mut provider = provider().await;
    for (arguments, at) in [
        (vec![text("-")], None),
        (vec![text("-"), text("odd")], Some(1)),
        (vec![text("-"), json(json!(null))], Some(1)),
        (vec![text("-"), text("a"), json(json!(["hunter2"]))], Some(2)),
        (vec![garbage(), text("a")], Some(0)),
    ] {
        let answer = call(&mut provider, &arguments).await;
        let error = answer.error.unwrap();
        assert_eq!((error.function_argument, answer.result), (at, None), "{error:?}");
        assert!(!error.text.is_empty() && !error.text.contains("hunter2"), "{error:?}");
    }
    for broken in ["panics", "number"] {
        let error = call(&mut provider, &[text("-"), text(broken)]).await.error.unwrap();
        assert!(error.text.contains("error of its own") && !error.text.contains("secret"), "{error:?}");
    }
}
