use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::resource::{Function, FunctionProblem, Registry, Signature, contract};
use crate::schema::{Cty, Raw};

/// A function as the plugin room sees it.
pub trait AnyFunction: Send + Sync {
    /// The name.
    fn name(&self) -> &'static str;
    /// What it takes and returns.
    fn signature(&self) -> Signature;
    /// CallFunction.
    ///
    /// # Errors
    /// When there is no result.
    fn call(&self, arguments: Vec<Raw>) -> Result<Raw, FunctionProblem>;
}

struct Typed<F>(F);

impl Registry {
    /// With that function.
    #[must_use]
    pub fn function(mut self, function: impl Function) -> Self {
        self.functions.push(Box::new(Typed(function)));
        self
    }
}

impl<F: Function> AnyFunction for Typed<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn signature(&self) -> Signature {
        self.0.signature()
    }

    fn call(&self, arguments: Vec<Raw>) -> Result<Raw, FunctionProblem> {
        let signature = self.0.signature();
        let Some(arguments) = taken(&signature, arguments)? else { return encode(&Cty::UNKNOWN, &signature) };
        let known = arguments.iter().all(Cty::is_wholly_known);
        // The panic's text went to the log by the panic hook; it may quote arguments.
        let result = catch_unwind(AssertUnwindSafe(|| self.0.call(arguments)));
        let result = result.unwrap_or_else(|_| Err(own_fault("a part of it panicked; TF_LOG=error shows where")))?;
        if let Some(violation) = contract::returned(&signature.returns, known, &result).text("the result") {
            return Err(own_fault(&violation));
        }
        encode(&result, &signature)
    }
}

/// The arguments, checked against the parameters; none when the result is unknown because one of them is.
fn taken(signature: &Signature, arguments: Vec<Raw>) -> Result<Option<Vec<Cty>>, FunctionProblem> {
    let wanted = signature.parameters.len();
    if arguments.len() < wanted || (arguments.len() > wanted && signature.variadic.is_none()) {
        let least = if signature.variadic.is_some() { "at least " } else { "" };
        let given = arguments.len();
        return Err(FunctionProblem::new(format!("The function takes {least}{wanted} arguments; {given} were given.")));
    }
    let (mut taken, mut unknown) = (Vec::new(), false);
    for (at, argument) in arguments.into_iter().enumerate() {
        let Some(parameter) = signature.parameter(at) else { continue };
        let value = argument
            .decode_as(&parameter.kind)
            .map_err(|error| FunctionProblem::new(format!("{} cannot be read: {error}.", parameter.name)).at(at))?;
        if value.is_null() && !parameter.allow_null {
            return Err(FunctionProblem::new(format!("{} must not be null.", parameter.name)).at(at));
        }
        unknown |= !parameter.allow_unknown && !value.is_wholly_known();
        taken.push(value);
    }
    Ok((!unknown).then_some(taken))
}

fn encode(result: &Cty, signature: &Signature) -> Result<Raw, FunctionProblem> {
    Raw::encode_as(result, &signature.returns).map_err(|error| own_fault(&error.to_string()))
}

fn own_fault(text: &str) -> FunctionProblem {
    FunctionProblem::new(format!("The provider made an error of its own: {text}. Please report it."))
}
