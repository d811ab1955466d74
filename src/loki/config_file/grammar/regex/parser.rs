//! The parser: a stack of what was read, as Go has it, of which only the measures are kept.

use super::limits::Measure;
use super::{Flavour, class, error, unicode};

/// Flags that change what is refused.
#[derive(Clone, Copy)]
pub(super) struct Flags {
    non_greedy: bool,
}

/// What lies on the stack.
enum Item {
    /// An open parenthesis: whether it captures.
    Paren {
        captures: bool,
        flags: Flags,
    },
    Bar,
    Done(Measure),
}

struct Parser<'a> {
    whole: &'a str,
    flavour: Flavour,
    flags: Flags,
    stack: Vec<Item>,
    nodes: usize,
}

type Outcome<T> = Result<T, String>;

/// The measures of the expression, or what Go says against it.
pub(super) fn check(whole: &str, flavour: Flavour) -> Outcome<Measure> {
    let flags = Flags { non_greedy: false };
    let mut parser = Parser { whole, flavour, flags, stack: Vec::new(), nodes: 0 };
    let mut rest = whole;
    let mut last_repeat = "";
    while let Some(first) = rest.chars().next() {
        let before = rest;
        let mut repeat = "";
        rest = match first {
            '(' if rest.starts_with("(?") => parser.perl_flags(rest)?,
            '(' => {
                parser.open(true);
                &rest[1..]
            }
            '|' => {
                parser.bar()?;
                &rest[1..]
            }
            ')' => {
                parser.close()?;
                &rest[1..]
            }
            '^' | '$' | '.' => {
                parser.push(if first == '.' { Measure::LEAF } else { Measure::PLACE })?;
                &rest[1..]
            }
            '[' => {
                let rest = class::brackets(rest, flavour)?;
                parser.push(Measure::LEAF)?;
                rest
            }
            '*' | '+' | '?' => {
                repeat = before;
                parser.repeat(before, &rest[1..], last_repeat, |sub| match first {
                    '*' => sub.wrapped(2).optional(),
                    '?' => sub.wrapped(1).optional(),
                    _ => sub.wrapped(1),
                })?
            }
            '{' => match counts(rest) {
                Some((counts, after)) => {
                    let invalid = |after: &str| error("invalid repeat count", &before[..before.len() - after.len()]);
                    let counts = counts.ok_or_else(|| invalid(after))?;
                    repeat = before;
                    let after = parser.repeat(before, after, last_repeat, |sub| sub.repeated(counts))?;
                    if let Some(Item::Done(measure)) = parser.stack.last()
                        && (counts.0 >= 2 || counts.1.is_some_and(|max| max >= 2))
                        && !measure.repeats_fit()
                    {
                        return Err(invalid(after));
                    }
                    after
                }
                None => {
                    parser.push(Measure::LITERAL)?;
                    &rest[1..]
                }
            },
            '\\' => parser.escape(rest)?,
            char => {
                parser.push(Measure::LITERAL)?;
                &rest[char.len_utf8()..]
            }
        };
        last_repeat = repeat;
    }
    parser.alternate()?;
    match parser.stack.as_slice() {
        [Item::Done(measure)] => Ok(*measure),
        _ => Err(error("missing closing )", whole)),
    }
}

impl Parser<'_> {
    fn push(&mut self, measure: Measure) -> Outcome<()> {
        self.nodes += 1;
        self.limit(measure)?;
        self.stack.push(Item::Done(measure));
        Ok(())
    }

    fn open(&mut self, captures: bool) {
        self.nodes += 1;
        self.stack.push(Item::Paren { captures, flags: self.flags });
    }

    /// parse.go, checkLimits. Few nodes cannot nest deeply.
    fn limit(&self, measure: Measure) -> Outcome<()> {
        if self.flavour.sized && measure.is_too_large() {
            return Err(error("expression too large", self.whole));
        }
        if self.nodes >= 1000 && measure.is_too_deep() {
            return Err(error("expression nests too deeply", self.whole));
        }
        Ok(())
    }

    /// Replaces what was pushed since the last bar or parenthesis by its concatenation.
    fn concat(&mut self) -> Outcome<()> {
        let start = self.stack.iter().rposition(|item| !matches!(item, Item::Done(_))).map_or(0, |index| index + 1);
        let parts = self.stack.drain(start..).filter_map(|item| match item {
            Item::Done(measure) => Some(measure),
            _ => None,
        });
        let measure = Measure::concat(parts);
        self.push(measure)
    }

    fn bar(&mut self) -> Outcome<()> {
        self.concat()?;
        self.stack.push(Item::Bar);
        Ok(())
    }

    /// Replaces the alternatives since the last parenthesis by their alternation.
    fn alternate(&mut self) -> Outcome<()> {
        self.concat()?;
        let open = |item: &Item| matches!(item, Item::Paren { .. });
        let start = self.stack.iter().rposition(open).map_or(0, |index| index + 1);
        let parts = self.stack.drain(start..).filter_map(|item| match item {
            Item::Done(measure) => Some(measure),
            _ => None,
        });
        let measure = Measure::alternate(parts);
        self.push(measure)
    }

    fn close(&mut self) -> Outcome<()> {
        self.alternate()?;
        let inner = self.stack.pop();
        match (self.stack.pop(), inner) {
            (Some(Item::Paren { captures, flags }), Some(Item::Done(measure))) => {
                self.flags = flags;
                self.push(if captures { measure.wrapped(2) } else { measure })
            }
            _ => Err(error("unexpected )", self.whole)),
        }
    }

    /// parse.go, repeat: the rest behind the operator.
    fn repeat<'t>(
        &mut self,
        before: &'t str,
        after: &'t str,
        last: &str,
        wrap: impl FnOnce(Measure) -> Measure,
    ) -> Outcome<&'t str> {
        let after = after.strip_prefix('?').unwrap_or(after);
        if !last.is_empty() {
            return Err(error("invalid nested repetition operator", &last[..last.len() - after.len()]));
        }
        let Some(Item::Done(sub)) = self.stack.last() else {
            let operator = &before[..before.len() - after.len()];
            return Err(error("missing argument to repetition operator", operator));
        };
        let measure = wrap(*sub);
        self.stack.pop();
        self.push(measure)?;
        Ok(after)
    }

    /// What begins with `(?`.
    fn perl_flags<'t>(&mut self, text: &'t str) -> Outcome<&'t str> {
        let name = match text.get(2..) {
            Some(rest) if rest.starts_with("P<") && rest.len() > 2 => Some(4),
            Some(rest) if self.flavour.angle_names && rest.starts_with('<') && rest.len() > 1 => Some(3),
            _ => None,
        };
        if let Some(start) = name {
            let Some(end) = text.find('>') else { return Err(error("invalid named capture", text)) };
            let name = text.get(start..end).unwrap_or_default();
            let valid = !name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
            if !valid {
                return Err(error("invalid named capture", &text[..=end]));
            }
            self.open(true);
            return Ok(&text[end + 1..]);
        }
        let mut rest = text.get(2..).unwrap_or_default();
        let mut flags = self.flags;
        let (mut negative, mut saw_flag) = (false, false);
        while let Some(char) = rest.chars().next() {
            rest = &rest[char.len_utf8()..];
            match char {
                'i' | 'm' | 's' => saw_flag = true,
                'U' => (flags.non_greedy, saw_flag) = (!negative, true),
                '-' if !negative => (negative, saw_flag) = (true, false),
                ':' | ')' if !negative || saw_flag => {
                    if char == ':' {
                        // What is set here holds until the closing parenthesis.
                        self.open(false);
                    }
                    self.flags = flags;
                    return Ok(rest);
                }
                _ => break,
            }
        }
        Err(error("invalid or unsupported Perl syntax", &text[..text.len() - rest.len()]))
    }

    fn escape<'t>(&mut self, text: &'t str) -> Outcome<&'t str> {
        match text.as_bytes().get(1) {
            Some(place @ (b'A' | b'b' | b'B' | b'z')) => {
                // An empty text has no boundary of a word.
                self.push(if *place == b'b' { Measure::LEAF } else { Measure::PLACE })?;
                return Ok(&text[2..]);
            }
            Some(b'C') => return Err(error("invalid escape sequence", &text[..2])),
            Some(b'Q') => {
                let (literal, rest) = text[2..].split_once("\\E").unwrap_or((&text[2..], ""));
                for _ in literal.chars() {
                    self.push(Measure::LITERAL)?;
                }
                return Ok(rest);
            }
            Some(b'p' | b'P') => {
                let rest = unicode::class(text, self.flavour)?;
                self.push(Measure::LEAF)?;
                return Ok(rest);
            }
            Some(b'd' | b'D' | b's' | b'S' | b'w' | b'W') => {
                self.push(Measure::LEAF)?;
                return Ok(&text[2..]);
            }
            _ => {}
        }
        let (_, rest) = class::escape(text)?;
        self.push(Measure::LITERAL)?;
        Ok(rest)
    }
}

/// `{2}`, `{2,}` or `{2,3}` and what follows it; the counts are none where they are invalid.
#[expect(clippy::type_complexity, reason = "used in one place, and each of its layers is another answer")]
fn counts(text: &str) -> Option<(Option<(u32, Option<u32>)>, &str)> {
    let (min, rest) = count(text.strip_prefix('{')?)?;
    let (max, rest) = match rest.strip_prefix(',') {
        None => (Some(min), rest),
        Some(rest) if rest.starts_with('}') => (None, rest),
        Some(rest) => {
            let (max, rest) = count(rest)?;
            (Some(max), rest)
        }
    };
    let rest = rest.strip_prefix('}')?;
    let valid = min.is_some_and(|min| min <= 1000)
        && max.is_none_or(|max| max.is_some_and(|max| max <= 1000 && min.is_some_and(|min| min <= max)));
    Some((if valid { min.map(|min| (min, max.flatten())) } else { None }, rest))
}

/// A number without leading zeros; none inside where it is too large to count.
fn count(text: &str) -> Option<(Option<u32>, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    if digits == 0 || digits > 1 && number.starts_with('0') {
        return None;
    }
    Some((number.parse().ok(), rest))
}
