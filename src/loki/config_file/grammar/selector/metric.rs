//! Queries for metrics, as far as they can be told from what Loki cannot evaluate as a rule: tokens, parentheses and
//! every selector are judged; which function takes what is left to Loki.

use super::lexer::Token;
use super::{Lexer, Parser};

/// A query for logs, which gives lines where a number is needed.
const LOG_QUERY: &str = "it is a query for logs, which gives lines; a rule needs numbers, as rate({…}[5m]) or \
                         count_over_time({…}[5m]) give them";

/// Why the text is no query for metrics; none when nothing speaks against it.
pub fn not_a_metric(text: &str, minor: u32) -> Option<String> {
    let mut parser = Parser { lexer: Lexer::new(text, minor), minor };
    parser.metric(false).err()
}

/// Why the text is a query neither for metrics nor for logs; none when nothing speaks against it.
pub fn not_a_query(text: &str, minor: u32) -> Option<String> {
    let mut parser = Parser { lexer: Lexer::new(text, minor), minor };
    parser.metric(true).err()
}

impl Parser<'_> {
    fn metric(&mut self, or_logs: bool) -> Result<(), String> {
        let mut open = 0_u32;
        let mut called = false;
        loop {
            match self.lexer.next()? {
                Token::Word("(") => open += 1,
                Token::Word(")") if open > 0 => open -= 1,
                Token::Word("{") => {
                    let matchers = self.selector()?;
                    self.selective(&matchers)?;
                    if !called && !or_logs {
                        return Err(LOG_QUERY.to_owned());
                    }
                    called = true;
                }
                Token::Function(_) | Token::Number | Token::Word("label_replace" | "variants") => called = true,
                Token::End if open == 0 && called => return Ok(()),
                token @ (Token::End | Token::Word(")" | "}" | "]")) => return self.unexpected(&token, ""),
                token if !called && !matches!(token, Token::Word("-" | "+")) => return self.unexpected(&token, ""),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_for_metrics_pass() {
        for query in [
            "rate({app=\"a\"}[5m])",
            "sum by (level) (count_over_time({app=\"a\"} | json | level=\"error\" [1m])) > 10",
            "1 + 1",
            "(sum(rate({app=\"a\"} |= `}` [5m])) / sum(rate({app=\"a\"}[5m]))) > 0.1",
            "quantile_over_time(0.99, {app=\"a\"} | unwrap duration(latency) [1m]) by (pod)",
            "label_replace(rate({app=\"a\"}[1m]), \"x\", \"$1\", \"app\", \"(.*)\")",
        ] {
            assert_eq!(not_a_metric(query, 7), None, "{query}");
        }
    }

    #[test]
    fn what_gives_no_numbers_is_told() {
        let why = |query: &str| not_a_metric(query, 7).unwrap();
        assert!(why("{app=\"a\"} |= \"x\"").contains("query for logs"));
        assert!(why("").contains("unexpected $end"));
        assert!(why("rate({app=\"a\"}[5m]").contains("unexpected $end"));
        assert!(why("rate({app=\"a\"}[5m]))").contains("unexpected )"));
        assert!(why("rate({app=~\".*\"}[5m])").contains("at least one regexp or equality matcher"));
        assert!(why("rate({app=}[5m])").contains("expecting STRING"));
        assert!(why("up == 0").contains("unexpected IDENTIFIER"));
    }
}
