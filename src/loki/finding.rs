//! What the rules say about options.

use std::fmt;

use crate::summary::Summary;

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
    /// An attribute of an object.
    Attribute(&'static str),
    /// An element of a list, from 0.
    Index(usize),
    /// An element of a map.
    Key(String),
}

/// The way to a value.
pub type Path = Vec<Step>;

/// What is wrong, where, why, and what to do about it. The texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it forbids the deployment.
    pub severity: Severity,
    /// The value to change; empty while the rule was asked about a bare value.
    pub path: Path,
    /// Further values that the rule weighed against it.
    pub also: Vec<Path>,
    /// What is wrong, in one line.
    pub summary: Summary,
    /// Why it is wrong: the rule and whose it is.
    pub why: String,
    /// What the user can do.
    pub fix: String,
}

/// The steps of a dotted path such as `storage.s3.endpoint`.
pub fn attributes(path: &'static str) -> Path {
    path.split('.').map(Step::Attribute).collect()
}

impl Finding {
    /// What must not be deployed.
    pub fn error(summary: Summary, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding {
            severity: Severity::Error,
            path: Vec::new(),
            also: Vec::new(),
            summary,
            why: why.into(),
            fix: fix.into(),
        }
    }

    /// What may be deployed, and is a known trap.
    pub fn warning(summary: Summary, why: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { severity: Severity::Warning, ..Finding::error(summary, why, fix) }
    }

    /// The same finding, seen from further out: `outer` leads to what its path starts at.
    pub fn under(mut self, outer: impl IntoIterator<Item = Step>) -> Self {
        self.path.splice(0..0, outer);
        self
    }

    /// The same finding about the value at a dotted path.
    pub fn at(self, path: &'static str) -> Self {
        self.under(attributes(path))
    }

    /// The same finding, which depends on the value at a dotted path as well.
    pub fn and(mut self, path: &'static str) -> Self {
        self.also.push(attributes(path));
        self
    }

    /// Every value that the finding hangs on: the one to change, and those that were weighed against it. With a
    /// stand-in for one that is not known yet, the finding means nothing and must not be told.
    pub fn weighed(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.path).chain(&self.also)
    }

    /// Whether the finding hangs on one of the values at `paths`, on a part of it, or on what it is part of.
    pub fn depends_on(&self, paths: &[Path]) -> bool {
        paths.iter().any(|path| self.weighed().any(|own| own.starts_with(path) || path.starts_with(own)))
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
        write!(f, "{}: {}. {} {}", self.path_text(), self.summary, self.why, self.fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_reads_as_in_terraform() {
        let finding =
            Finding::error(summary!("a"), "b", "c").at("from").under([Step::Attribute("schema"), Step::Index(0)]);
        assert_eq!(finding.path_text(), "schema[0].from");
        let finding =
            Finding::error(summary!("a"), "b", "c").under([Step::Attribute("labels"), Step::Key("team/x".into())]);
        assert_eq!(finding.path_text(), "labels[\"team/x\"]");
    }

    #[test]
    fn depends_on_parts_and_wholes_of_what_it_weighed() {
        let finding = Finding::error(summary!("a"), "b", "c").at("storage.s3.endpoint").and("replicas");
        assert!(finding.depends_on(&[attributes("storage")]));
        assert!(finding.depends_on(&[attributes("storage.s3.endpoint.host")]));
        assert!(finding.depends_on(&[attributes("replicas")]));
        assert!(!finding.depends_on(&[attributes("storage.s3.bucket"), attributes("name")]));
    }
}
