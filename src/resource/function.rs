use crate::schema::{Cty, Text, Type};

/// A function of the provider: the same result for the same arguments, without network or provider configuration.
pub trait Function: Send + Sync + 'static {
    /// The name, as in `provider::loki::NAME`.
    const NAME: &'static str;

    /// What it takes and returns.
    fn signature(&self) -> Signature;

    /// Calls it. There are as many arguments as the signature asks for, each of its parameter's type; those of the
    /// variadic parameter follow the others. Null and unknown ones are here only where the parameter allows them.
    ///
    /// # Errors
    /// When the arguments cannot be worked with; the text is for the user.
    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem>;
}

/// What a function takes and returns.
#[derive(Clone, Debug, Default)]
pub struct Signature {
    /// The positional parameters.
    pub parameters: Vec<Parameter>,
    /// The last parameter, for any number of further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result.
    pub returns: Type,
    /// One short line.
    pub summary: Text,
    /// The description, in Markdown.
    pub description: Text,
    /// What to do instead, where it is deprecated.
    pub deprecated: Option<Text>,
}

/// A parameter of a function.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// The name.
    pub name: Text,
    /// The type.
    pub kind: Type,
    /// The description, in Markdown.
    pub description: Text,
    /// Whether the function takes null; else Terraform refuses it.
    pub allow_null: bool,
    /// Whether the function takes what is not known in parts or as a whole; else the result is unknown as well.
    pub allow_unknown: bool,
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionProblem {
    /// What is wrong and what to do, in full sentences.
    pub text: String,
    /// Which argument it is about, from 0.
    pub argument: Option<usize>,
}

impl FunctionProblem {
    /// About the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), argument: None }
    }

    /// About one argument, from 0.
    #[must_use]
    pub fn at(mut self, argument: usize) -> Self {
        self.argument = Some(argument);
        self
    }
}

impl Signature {
    /// The parameter of the argument at that position.
    pub fn parameter(&self, argument: usize) -> Option<&Parameter> {
        self.parameters.get(argument).or(self.variadic.as_ref())
    }
}
