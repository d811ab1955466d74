//! What stops the reading (yaml.v2's yaml_parser_t, error, and decode.go, fail).

use super::token::Place;
use super::{Mark, YamlError};

/// Which part refused, since yaml.v2 counts lines by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Reader,
    Scanner,
    Parser,
    Composer,
}

/// What is wrong, and where.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    part: Part,
    problem: String,
    context: Place,
    place: Place,
}

impl Failure {
    /// Of the characters. yaml.v2 knows no place of it; ours is that up to which it has scanned.
    pub(super) fn reader(problem: &str, place: Place) -> Self {
        Self { part: Part::Reader, problem: problem.to_owned(), context: Place::default(), place }
    }

    /// Of the tokens.
    pub(super) fn scanner(problem: &str, context: Place, place: Place) -> Self {
        Self { part: Part::Scanner, problem: problem.to_owned(), context, place }
    }

    /// Of the grammar.
    pub(super) fn parser(problem: &str, context: Place, place: Place) -> Self {
        Self { part: Part::Parser, problem: problem.to_owned(), context, place }
    }

    /// Of the nodes.
    pub(super) fn composer(problem: String, place: Place) -> Self {
        Self { part: Part::Composer, problem, context: Place::default(), place }
    }

    /// decode.go, fail.
    pub(super) fn into_error(self) -> YamlError {
        let line = match self.part {
            Part::Reader | Part::Composer => 0,
            Part::Scanner if self.place.line != 0 => self.place.line + 1,
            _ if self.place.line != 0 => self.place.line,
            _ => self.context.line,
        };
        let text = match line {
            0 => format!("yaml: {}", self.problem),
            _ => format!("yaml: line {line}: {}", self.problem),
        };
        // What never comes is best looked for where it was first missed.
        let ended = matches!(self.problem.as_str(), "could not find expected ':'" | "found unexpected end of stream");
        let mark = Mark::from(if ended { self.context } else { self.place });
        YamlError { line: u32::try_from(line).unwrap_or(u32::MAX), mark, text }
    }
}

impl From<Place> for Mark {
    fn from(place: Place) -> Self {
        let number = |count: usize| u32::try_from(count.saturating_add(1)).unwrap_or(u32::MAX);
        Mark { line: number(place.line), column: number(place.column) }
    }
}
