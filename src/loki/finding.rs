//! What the rules say about options.

use std::fmt;

/// Whether a finding forbids the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Loki, Kubernetes or AWS would refuse it, or logs would be lost.
    Error,
    /// It works, and is a known trap.
    Warning,
}

/// One step towards a value within `Options`, in the names of the resource's attributes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Attribute(&'static str),
    Index(usize),
    Key(String),
}

/// What is wrong, where, why, and what to do about it. The texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    pub path: Vec<Step>,
    /// What is wrong, in one line.
    pub summary: String,
    /// Why it is wrong: the rule and whose it is.
    pub why: String,
    /// What the user can do.
    pub fix: String,
}

impl Finding {
    pub(super) fn error(
        summary: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Finding {
            severity: Severity::Error,
            path: Vec::new(),
            summary: summary.into(),
            why: why.into(),
            fix: fix.into(),
        }
    }

    pub(super) fn warning(
        summary: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Finding {
            severity: Severity::Warning,
            ..Finding::error(summary, why, fix)
        }
    }

    /// The same finding, seen from further out: `steps` lead to what its path starts at.
    pub fn under(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.path.splice(0..0, steps);
        self
    }

    /// The path as Terraform writes it: `schema[0].from`.
    pub fn path_text(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Attribute(name) if text.is_empty() => text.push_str(name),
                Step::Attribute(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                Step::Index(index) => text.push_str(&format!("[{index}]")),
                Step::Key(key) => text.push_str(&format!("[{key:?}]")),
            }
        }
        text
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}. {} {}",
            self.path_text(),
            self.summary,
            self.why,
            self.fix
        )
    }
}
