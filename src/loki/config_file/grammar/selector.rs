//! Stream selectors of LogQL: `{app="web", env=~"prod.*"}`, as `syntax.ParseMatchers` of Loki reads them (pkg/logql/syntax).
//!
//! Selectors are judged to the word. What is another LogQL expression is told from what is none, but not parsed.

mod lexer;
mod metric;

use super::regex;
use lexer::{Lexer, Token};
pub use metric::{not_a_metric, not_a_query};

/// How a matcher compares a label's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

/// One condition of a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// How its value is compared.
    pub comparison: Comparison,
    /// With what.
    pub value: String,
}

const NO_SELECTIVE_MATCHER: &str = "parse error : queries require at least one regexp or equality matcher that does not \
                                    have an empty-compatible value. For instance, app=~\".*\" does not meet this \
                                    requirement, but app=~\".+\" will";
const OTHER_EXPRESSION: &str = "only label matchers are supported";

/// The matchers of a selector, or what Loki says against it.
///
/// # Errors
/// In Loki's words, such as `parse error at line 1, col 4: syntax error: unexpected }, expecting STRING`.
pub fn parse(text: &str, minor: u32) -> Result<Vec<Matcher>, String> {
    const LONGEST: usize = 131_072;
    if text.len() >= LONGEST {
        return Err(format!("parse error : input size too long ({} > {LONGEST})", text.len()));
    }
    let mut parser = Parser { lexer: Lexer::new(text, minor), minor };
    let matchers = parser.expression()?;
    parser.selective(&matchers)?;
    Ok(matchers)
}

impl Matcher {
    fn matches_empty(&self, minor: u32) -> Result<bool, String> {
        Ok(match self.comparison {
            Comparison::Equal => self.value.is_empty(),
            Comparison::NotEqual => !self.value.is_empty(),
            Comparison::Matches => regex::matches_empty(&self.value, minor)?,
            Comparison::MatchesNot => !regex::matches_empty(&self.value, minor)?,
        })
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    minor: u32,
}

impl Parser<'_> {
    /// A selector, perhaps in parentheses.
    fn expression(&mut self) -> Result<Vec<Matcher>, String> {
        let mut open = 0_u32;
        loop {
            match self.lexer.next()? {
                Token::Word("(") => open += 1,
                Token::Word("{") => break,
                // Functions, numbers and the like begin queries for metrics.
                Token::Function(_) | Token::Number | Token::Word("-" | "+" | "label_replace" | "variants") => {
                    return Err(OTHER_EXPRESSION.into());
                }
                token => return self.unexpected(&token, ""),
            }
        }
        let matchers = self.selector()?;
        loop {
            match self.lexer.next()? {
                Token::Word(")") if open > 0 => open -= 1,
                Token::End if open == 0 => return Ok(matchers),
                Token::End => return self.unexpected(&Token::End, ""),
                Token::Word("|" | "|=" | "|~" | "|>" | "!=" | "!~" | "!>") => {
                    self.selective(&matchers)?;
                    return Err(OTHER_EXPRESSION.into());
                }
                Token::Word(
                    operator @ ("or" | "and" | "unless" | "+" | "-" | "*" | "/" | "%" | "^" | "==" | ">" | ">=" | "<"
                    | "<="),
                ) => {
                    return Err(format!(
                        "parse error : unexpected type for left leg of binary operation ({operator}): \
                         *syntax.MatchersExpr"
                    ));
                }
                token => return self.unexpected(&token, ""),
            }
        }
    }

    /// parser.go, validateMatchers: one of them must rule something out.
    fn selective(&self, matchers: &[Matcher]) -> Result<(), String> {
        for matcher in matchers {
            if !matcher.matches_empty(self.minor)? {
                return Ok(());
            }
        }
        Err(NO_SELECTIVE_MATCHER.into())
    }

    /// What follows an open brace.
    fn selector(&mut self) -> Result<Vec<Matcher>, String> {
        let mut matchers = Vec::new();
        loop {
            let name = match self.lexer.next()? {
                Token::Identifier(name) => name,
                Token::Word("}") if matchers.is_empty() => return Ok(matchers),
                token if matchers.is_empty() => return self.unexpected(&token, ", expecting IDENTIFIER or }"),
                token => return self.unexpected(&token, ", expecting IDENTIFIER"),
            };
            let comparison = match self.lexer.next()? {
                Token::Word("=") => Comparison::Equal,
                Token::Word("!=") => Comparison::NotEqual,
                Token::Word("=~") => Comparison::Matches,
                Token::Word("!~") => Comparison::MatchesNot,
                token => return self.unexpected(&token, ", expecting = or =~ or !~ or !="),
            };
            let value = match self.lexer.next()? {
                Token::Text(value) => value,
                token => return self.unexpected(&token, ", expecting STRING"),
            };
            let matcher = Matcher { name, comparison, value };
            // Expressions are compiled as soon as they are read.
            matcher.matches_empty(self.minor).map_err(|error| format!("parse error : {error}"))?;
            matchers.push(matcher);
            match self.lexer.next()? {
                Token::Word(",") => {}
                Token::Word("}") => return Ok(matchers),
                token => return self.unexpected(&token, ", expecting } or ,"),
            }
        }
    }

    fn unexpected<T>(&self, token: &Token, expecting: &str) -> Result<T, String> {
        Err(self.lexer.error(&format!("syntax error: unexpected {}{expecting}", token.name())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_selectors() {
        let read = parse("{ app=\"web\", env =~ `prod.+` } # all of them", 7).unwrap();
        assert_eq!(read[0], Matcher { name: "app".into(), comparison: Comparison::Equal, value: "web".into() });
        assert_eq!(read[1], Matcher { name: "env".into(), comparison: Comparison::Matches, value: "prod.+".into() });
        assert!(parse("({a!=\"\"})", 7).is_ok());
    }

    #[test]
    fn refuses_in_lokis_words() {
        let at = |column: u32, what: &str| format!("parse error at line 1, col {column}: {what}");
        for (text, why) in [
            ("", "parse error : syntax error: unexpected $end".to_owned()),
            ("{", at(2, "syntax error: unexpected $end, expecting IDENTIFIER or }")),
            ("app=\"web\"", at(1, "syntax error: unexpected IDENTIFIER")),
            ("{app:\"web\"}", at(5, "syntax error: unexpected IDENTIFIER, expecting = or =~ or !~ or !=")),
            ("{app=web}", at(6, "syntax error: unexpected IDENTIFIER, expecting STRING")),
            ("{app=\"web\",}", at(12, "syntax error: unexpected }, expecting IDENTIFIER")),
            ("{app=\"web}", at(6, "literal not terminated")),
            ("{app=~\"(\"}", "parse error : error parsing regexp: missing closing ): `(`".into()),
            ("{app=~\".*\"}", NO_SELECTIVE_MATCHER.into()),
            ("{app=\"web\"} |= \"x\"", OTHER_EXPRESSION.into()),
        ] {
            assert_eq!(parse(text, 7), Err(why), "{text}");
        }
    }
}
