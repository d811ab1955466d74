//! Functions. They are called on providers that are not configured.

use std::collections::BTreeMap;

use super::value::{dynamic, raw};
use super::{Plugin, Rpc, absent};
use crate::proto::tfplugin6 as tf;
use crate::resource::{AnyFunction, Parameter};
use crate::schema::{Problem, Type};

fn type_bytes(kind: &Type) -> Vec<u8> {
    kind.to_json().to_string().into_bytes()
}

fn parameter(it: Parameter) -> tf::function::Parameter {
    tf::function::Parameter {
        name: it.name.into_owned(),
        r#type: type_bytes(&it.kind),
        allow_null_value: it.allow_null,
        allow_unknown_values: it.allow_unknown,
        description: it.description.into_owned(),
        description_kind: tf::StringKind::Markdown as i32,
    }
}

fn definition(function: &dyn AnyFunction) -> tf::Function {
    let signature = function.signature();
    tf::Function {
        parameters: signature.parameters.into_iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.map(parameter),
        r#return: Some(tf::function::Return { r#type: type_bytes(&signature.returns) }),
        summary: signature.summary.into_owned(),
        description: signature.description.into_owned(),
        description_kind: tf::StringKind::Markdown as i32,
        deprecation_message: signature.deprecated.unwrap_or_default().into_owned(),
    }
}

/// The definition of each function by its name.
pub(super) fn definitions(plugin: &Plugin) -> BTreeMap<String, tf::Function> {
    plugin.registry.functions.iter().map(|it| (it.name().to_owned(), definition(it.as_ref()))).collect()
}

impl Rpc for tf::get_functions::Request {
    const NAME: &'static str = "GetFunctions";
    type Answer = tf::get_functions::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        answer.functions = definitions(plugin);
        Ok(())
    }
}

impl Rpc for tf::call_function::Request {
    const NAME: &'static str = "CallFunction";
    type Answer = tf::call_function::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let function = plugin.registry.functions.iter().find(|it| it.name() == self.name);
        let function = function.ok_or_else(|| absent::nothing("function", &self.name))?;
        let arguments = self.arguments.into_iter().map(|argument| raw(Some(argument))).collect();
        match function.call(arguments) {
            Ok(result) => answer.result = dynamic(result),
            Err(problem) => {
                let function_argument = problem.argument.and_then(|at| i64::try_from(at).ok());
                answer.error = Some(tf::FunctionError { text: problem.text, function_argument });
            }
        }
        Ok(())
    }
}
