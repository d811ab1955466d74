//! Arguments whose type the signature leaves open.

use crate::resource::FunctionProblem;
use crate::schema::Cty;

/// What an open type holds.
pub(super) fn within(value: &Cty) -> &Cty {
    match value {
        Cty::Dynamic(dynamic) => within(&dynamic.value),
        _ => value,
    }
}

/// An object with optional attributes, as Terraform's function parameters know none.
pub(super) struct Object<'a> {
    /// What it is in messages: `periods[0]`.
    name: String,
    argument: usize,
    fields: Vec<(&'a str, &'a Cty)>,
}

impl<'a> Object<'a> {
    /// Takes the attributes that are not null.
    ///
    /// # Errors
    /// When the value is no object, or one with an attribute that is not among `known`.
    pub fn of(value: &'a Cty, name: &str, argument: usize, known: &[&str]) -> Result<Self, FunctionProblem> {
        let Cty::Map(fields) = within(value) else {
            let text = format!("{name} must be an object with the attributes {}.", listed(known));
            return Err(FunctionProblem::new(text).at(argument));
        };
        if let Some(odd) = fields.keys().find(|key| !known.contains(&key.as_ref())) {
            let text = format!("{name} has an attribute {odd:?} that is not known here; known are {}.", listed(known));
            return Err(FunctionProblem::new(text).at(argument));
        }
        let fields = fields.iter().map(|(key, value)| (key.as_ref(), within(value)));
        Ok(Object { name: name.to_owned(), argument, fields: fields.filter(|(_, it)| !it.is_null()).collect() })
    }

    /// A problem of one attribute.
    pub fn problem(&self, attribute: &str, text: &str) -> FunctionProblem {
        FunctionProblem::new(format!("{}.{attribute} {text}", self.name)).at(self.argument)
    }

    fn get(&self, attribute: &str) -> Option<&'a Cty> {
        self.fields.iter().find(|(name, _)| *name == attribute).map(|(_, value)| *value)
    }

    /// A text. A number or bool is taken as Terraform writes it.
    pub fn text(&self, attribute: &str) -> Result<Option<String>, FunctionProblem> {
        match self.get(attribute) {
            None => Ok(None),
            Some(Cty::String(text)) => Ok(Some(text.clone())),
            Some(Cty::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.problem(attribute, "must be a string.")),
        }
    }

    /// A truth; false where it is left out.
    pub fn flag(&self, attribute: &str) -> Result<bool, FunctionProblem> {
        match self.get(attribute) {
            None => Ok(false),
            Some(Cty::Bool(value)) => Ok(*value),
            Some(Cty::String(text)) if text == "true" || text == "false" => Ok(text == "true"),
            Some(_) => Err(self.problem(attribute, "must be true or false.")),
        }
    }

    /// A list of texts; empty where it is left out.
    pub fn texts(&self, attribute: &str) -> Result<Vec<String>, FunctionProblem> {
        let wrong = || self.problem(attribute, "must be a list of strings.");
        match self.get(attribute) {
            None => Ok(Vec::new()),
            Some(Cty::List(items)) => items.iter().map(|it| text(it).map(str::to_owned).ok_or_else(wrong)).collect(),
            Some(_) => Err(wrong()),
        }
    }
}

/// The text that a value is.
pub(super) fn text(value: &Cty) -> Option<&str> {
    match within(value) {
        Cty::String(text) => Some(text),
        _ => None,
    }
}

/// `"a", "b"`, as a sentence has it.
pub(super) fn listed(names: &[&str]) -> String {
    names.join(", ")
}
