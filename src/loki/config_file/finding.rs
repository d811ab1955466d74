//! What is found in a configuration file.

use super::secret::told;
use super::value::Mark;
use super::view::View;
use super::yaml::YamlError;
use crate::loki::finding::Severity;

/// What is wrong in a configuration file, where, and what to do about it. The texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFinding {
    /// An error is what Loki refuses; a warning is what it takes and its users fall over.
    pub severity: Severity,
    /// The keys that lead there, dotted; items of lists as `[0]`. Empty for the whole file.
    pub path: String,
    /// The line, from 1; 0 for the whole file.
    pub line: u32,
    /// The column, from 1; 0 for the whole file.
    pub column: u32,
    /// What is wrong, in Loki's words where it has some.
    pub text: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl FileFinding {
    /// What Loki refuses.
    pub fn error(path: impl Into<String>, mark: Mark, text: impl Into<String>) -> Self {
        FileFinding {
            severity: Severity::Error,
            path: path.into(),
            line: mark.line,
            column: mark.column,
            text: text.into(),
            hint: String::new(),
        }
    }

    /// Adds what to do.
    pub fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = hint.into();
        self
    }
}

/// Findings in the order in which Loki would come upon them.
#[derive(Default)]
pub struct Findings {
    found: Vec<FileFinding>,
    /// What the time-dependent rules take for today, in UTC.
    pub today: Option<jiff::civil::Date>,
}

impl Findings {
    /// None yet, on a day.
    pub(super) fn on(today: Option<jiff::civil::Date>) -> Self {
        Findings { today, ..Findings::default() }
    }

    /// What Loki refuses, in its words, at a dotted path below a place.
    pub fn refuse(&mut self, view: View<'_>, path: &str, text: impl Into<String>) -> &mut FileFinding {
        let at = view.at(path);
        self.push(FileFinding::error(at.path(), at.mark(), text))
    }

    /// What Loki takes and its users fall over.
    pub fn warn(&mut self, view: View<'_>, path: &str, text: impl Into<String>) -> &mut FileFinding {
        let at = view.at(path);
        self.push(FileFinding { severity: Severity::Warning, ..FileFinding::error(at.path(), at.mark(), text) })
    }

    /// What Loki refuses before it reads any YAML.
    pub(super) fn whole(&mut self, text: String) {
        self.push(FileFinding::error("", Mark::default(), text));
    }

    /// What is no YAML, at the line that Loki names. Where that is not the line to look at, the hint says which is.
    pub(super) fn syntax(&mut self, error: YamlError) {
        let named = if error.line == 0 { error.mark.line } else { error.line };
        let mark = if named == error.mark.line { error.mark } else { Mark { line: named, column: 1 } };
        let finding = self.push(FileFinding::error("", mark, error.text));
        if named != error.mark.line {
            let hint = super::hints::of(&finding.text).unwrap_or_default();
            finding.hint(format!("Look at line {}, column {}. {hint}", error.mark.line, error.mark.column).trim_end());
        }
    }

    fn push(&mut self, finding: FileFinding) -> &mut FileFinding {
        self.found.push(finding);
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = FileFinding>) {
        self.found.extend(findings);
    }

    /// Whether there is one below a section of the file.
    pub(super) fn has(&self, section: &str) -> bool {
        self.found.iter().any(|finding| finding.path.split('.').next() == Some(section))
    }

    /// Whether Loki refuses the file.
    pub fn refused(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All of them: errors first, in Loki's order.
    pub fn into_vec(mut self) -> Vec<FileFinding> {
        for finding in self.found.iter_mut().filter(|finding| finding.hint.is_empty()) {
            finding.hint = super::hints::of(&finding.text).unwrap_or_default().to_owned();
        }
        self.found.sort_by_key(|finding| finding.severity);
        for finding in &mut self.found {
            finding.text = told(&finding.path, &finding.text);
        }
        self.found
    }
}
