//! Counts agreement of two judges.

use loki_provider::loki::Severity;
use loki_provider::loki::config_file::FileFinding;

/// The first finding that refuses.
pub fn refusal(findings: &[FileFinding]) -> Option<&FileFinding> {
    findings.iter().find(|finding| finding.severity == Severity::Error)
}

/// The first line that Loki names in its words.
pub fn named_line(words: &str) -> Option<u32> {
    let rest = &words[words.find("line ")? + 5..];
    rest[..rest.find(':')?].parse().ok()
}

/// How often two judges agree.
#[derive(Default)]
pub struct Score {
    pub asked: usize,
    /// Called invalid here, and valid by Loki: the worse mistake.
    pub wrongly_refused: usize,
    /// Called valid here, and invalid by Loki.
    pub missed: usize,
    pub lines: usize,
    pub lines_right: usize,
}

impl Score {
    pub fn count(&mut self, ours: Option<&FileFinding>, theirs: Option<&str>, line: Option<u32>) -> bool {
        self.asked += 1;
        match (ours, theirs) {
            (Some(_), None) => self.wrongly_refused += 1,
            (None, Some(_)) => self.missed += 1,
            (Some(finding), Some(words)) => {
                if let Some(line) = named_line(words).or(line) {
                    self.lines += 1;
                    self.lines_right += usize::from(finding.line == line);
                }
            }
            (None, None) => {}
        }
        ours.is_some() == theirs.is_some()
    }

    pub fn agreement(&self) -> f64 {
        1.0 - (self.wrongly_refused + self.missed) as f64 / self.asked.max(1) as f64
    }

    pub fn right_lines(&self) -> f64 {
        self.lines_right as f64 / self.lines.max(1) as f64
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} asked, {:.2} % agreement, {} wrongly refused, {} missed; the first line is right in {} of {} ({:.1} %)",
            self.asked,
            100.0 * self.agreement(),
            self.wrongly_refused,
            self.missed,
            self.lines_right,
            self.lines,
            100.0 * self.right_lines()
        )
    }
}
