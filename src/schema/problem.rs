use super::{AttributePath, Diagnostic, Diagnostics};
use crate::summary::Summary;

/// A diagnostic in the making: what is wrong, where, why, and what to do about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    what: Summary,
    path: AttributePath,
    why: String,
    fix: String,
}

impl Problem {
    /// Begins with the summary.
    pub fn new(what: Summary) -> Self {
        Self { what, path: AttributePath::root(), why: String::new(), fix: String::new() }
    }

    /// The attribute that it is about.
    #[must_use]
    pub fn at(mut self, path: AttributePath) -> Self {
        self.path = path;
        self
    }

    /// The reason, in full sentences.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    /// What the user can do, in full sentences.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }
}

impl From<Problem> for Diagnostic {
    fn from(problem: Problem) -> Self {
        // Terraform shows the line of a top-level attribute, but only the resource's for what lies deeper.
        let deep = problem.path.steps.len() > 1;
        let place = if deep { format!("In {}:", problem.path) } else { String::new() };
        let why = [place, problem.why].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let parts = [why, problem.fix, problem.what.link()];
        let detail: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        // Built by hand: tf-provider's constructors add a backtrace to the text when RUST_BACKTRACE is set.
        Self { summary: String::from(problem.what).into(), detail: detail.join("\n\n").into(), attribute: problem.path }
    }
}

/// How [`Problem`]s get into [`Diagnostics`].
pub trait Report {
    /// Adds an error.
    fn refuse(&mut self, problem: Problem);
    /// Adds a warning.
    fn warn(&mut self, problem: Problem);
    /// Whether an error is among them.
    fn failed(&self) -> bool;
}

impl Report for Diagnostics {
    fn refuse(&mut self, problem: Problem) {
        self.errors.push(problem.into());
    }

    fn warn(&mut self, problem: Problem) {
        self.warnings.push(problem.into());
    }

    fn failed(&self) -> bool {
        !self.errors.is_empty()
    }
}

/// The path of a top-level attribute; go on with `.attribute("…")`, `.index(0)`, `.key("…")`.
pub fn at(name: &'static str) -> AttributePath {
    AttributePath::new(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_path_is_named_in_the_text() {
        let deep = Problem::new(summary!("No date"))
            .at(at("schema").index(0).attribute("from"))
            .why("It is none.")
            .fix("Write one.");
        let link = format!("{}#no-date", crate::summary::PAGE);
        assert_eq!(Diagnostic::from(deep).detail, format!("In schema[0].from: It is none.\n\nWrite one.\n\n{link}"));
        let top = Problem::new(summary!("No name")).at(at("name")).why("It is empty.");
        assert_eq!(Diagnostic::from(top).detail, format!("It is empty.\n\n{}#no-name", crate::summary::PAGE));
    }
}
