//! The tokens of LogQL, as far as they show in a selector (pkg/logql/syntax, lex.go; Go's text/scanner, BSD licence).

use super::super::{duration, size};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Identifier(String),
    Text(String),
    Number,
    Duration,
    Bytes,
    Range,
    Flag,
    /// A function's name before a parenthesis.
    Function(String),
    /// A keyword or operator.
    Word(&'static str),
}

impl Token {
    /// The name that errors have for it.
    pub(super) fn name(&self) -> &str {
        match self {
            Token::End => "$end",
            Token::Identifier(_) => "IDENTIFIER",
            Token::Text(_) => "STRING",
            Token::Number => "NUMBER",
            Token::Duration => "DURATION",
            Token::Bytes => "BYTES",
            Token::Range => "RANGE",
            Token::Flag => "FUNCTION_FLAG",
            Token::Function(name) => name,
            Token::Word(word) => word,
        }
    }
}

/// Operators of two characters, then of one.
const OPERATORS: [&str; 29] = [
    "=~", "!=", "!~", "!>", "|=", "|~", "|>", "==", ">=", "<=", ",", ".", "{", "}", "=", "|", "(", ")", "[", "]", "+",
    "-", "*", "/", "%", "^", ">", "<", "!",
];

const KEYWORDS: [&str; 25] = [
    "unwrap",
    "by",
    "without",
    "bool",
    "label_replace",
    "offset",
    "on",
    "ignoring",
    "group_left",
    "group_right",
    "or",
    "and",
    "unless",
    "json",
    "regexp",
    "logfmt",
    "unpack",
    "pattern",
    "label_format",
    "line_format",
    "ip",
    "decolorize",
    "drop",
    "keep",
    "variants",
];

const FUNCTIONS: &str = "rate rate_counter count_over_time bytes_rate bytes_over_time avg_over_time sum_over_time \
                         min_over_time max_over_time stdvar_over_time stddev_over_time quantile_over_time \
                         first_over_time last_over_time absent_over_time vector sum avg max min count stddev stdvar \
                         bottomk topk sort sort_desc label_replace approx_topk bytes duration duration_seconds ip";

pub(super) struct Lexer<'a> {
    rest: &'a str,
    minor: u32,
    /// Of the next character, from 1.
    line: u32,
    column: u32,
    /// Of the last token; the line is 0 for those that the scanner did not end itself.
    token: (u32, u32),
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, minor: u32) -> Self {
        Lexer { rest: text, minor, line: 1, column: 1, token: (1, 1) }
    }

    /// A message at the last token. Of an empty text, the end is nowhere.
    pub(super) fn error(&self, message: &str) -> String {
        match self.token {
            (0, 0) => format!("parse error : {message}"),
            (line, column) => format!("parse error at line {line}, col {column}: {message}"),
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.rest = &self.rest[char.len_utf8()..];
        match char {
            '\n' => (self.line, self.column) = (self.line + 1, 1),
            _ => self.column += 1,
        }
        Some(char)
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let start = self.rest;
        while self.peek().is_some_and(&belongs) {
            self.bump();
        }
        &start[..start.len() - self.rest.len()]
    }

    pub(super) fn next(&mut self) -> Result<Token, String> {
        self.skip_space()?;
        self.token = (self.line, self.column);
        let Some(char) = self.peek() else {
            if self.token == (1, 1) {
                self.token = (0, 0);
            }
            return Ok(Token::End);
        };
        match char {
            '"' => self.quoted(),
            '`' => self.raw(),
            '\'' => self.character(),
            '[' => self.range(),
            char if char.is_ascii_digit()
                || char == '.' && self.rest[1..].starts_with(|next: char| next.is_ascii_digit()) =>
            {
                Ok(self.number())
            }
            char if is_identifier(char) => Ok(self.word()),
            _ => Ok(self.operator(char)),
        }
    }

    fn skip_space(&mut self) -> Result<(), String> {
        loop {
            self.take_while(|char| matches!(char, '\t' | '\n' | '\r' | ' '));
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.take_while(|char| char != '\n');
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                self.token = (self.line, self.column);
                let end = comment.find("*/").ok_or_else(|| self.error("comment not terminated"))?;
                let after = &comment[end + 2..];
                while self.rest.len() > after.len() {
                    self.bump();
                }
            } else {
                return Ok(());
            }
        }
    }

    fn word(&mut self) -> Token {
        let start = self.rest;
        let text = self.take_while(|char| is_identifier(char) || is_digit(char));
        debug_assert!(start.starts_with(text));
        let lower = super::super::quote::lower(text);
        let is_function = FUNCTIONS.split(' ').any(|name| name == lower) && (self.minor >= 3 || lower != "approx_topk");
        if is_function {
            if self.is_call() {
                let suffix =
                    if ["bytes", "duration", "duration_seconds"].contains(&lower.as_str()) { "_CONV" } else { "" };
                return match KEYWORDS.iter().find(|keyword| **keyword == lower) {
                    Some(keyword) => Token::Word(keyword),
                    None => Token::Function(super::super::quote::upper(&lower) + suffix),
                };
            }
            return Token::Identifier(text.to_owned());
        }
        let since_variants = ["variants", "of"].contains(&lower.as_str()) && self.minor >= 5;
        if lower == "of" && since_variants {
            return Token::Word("of");
        }
        match KEYWORDS.iter().find(|keyword| **keyword == lower) {
            Some(keyword) if *keyword != "variants" || since_variants => Token::Word(keyword),
            _ => Token::Identifier(text.to_owned()),
        }
    }

    /// lex.go, isFunction.
    fn is_call(&self) -> bool {
        let rest = self.rest.trim_start();
        let grouping = ["by", "without"].into_iter().find_map(|word| {
            let head = rest.get(..word.len())?;
            head.eq_ignore_ascii_case(word).then(|| rest[word.len()..].trim_start())
        });
        rest.starts_with('(') || grouping.is_some_and(|rest| rest.starts_with('('))
    }

    /// Operators; any other character is an identifier of its own.
    fn operator(&mut self, char: char) -> Token {
        if let Some(flag) = ["--strict", "--keep-empty"].into_iter().find(|flag| self.rest.starts_with(flag)) {
            self.skip(flag.len());
            return Token::Flag;
        }
        let Some(operator) = OPERATORS.iter().find(|operator| self.rest.starts_with(**operator)) else {
            self.bump();
            return Token::Identifier(char.to_string());
        };
        self.skip(operator.len());
        if operator.len() > 1 {
            self.token.0 = 0;
        }
        if *operator == "!" { Token::Identifier("!".into()) } else { Token::Word(operator) }
    }

    fn skip(&mut self, bytes: usize) {
        for _ in 0..bytes {
            self.bump();
        }
    }

    /// A number, a duration or a size.
    fn number(&mut self) -> Token {
        let start = self.rest;
        if start.starts_with("0x") || start.starts_with("0X") {
            self.skip(2);
            self.take_while(|char| char.is_ascii_hexdigit());
        } else {
            self.take_while(|char| char.is_ascii_digit() || char == '_');
            if self.rest.starts_with('.') {
                self.bump();
                self.take_while(|char| char.is_ascii_digit() || char == '_');
            }
            if self.rest.starts_with(['e', 'E']) {
                self.bump();
                if self.rest.starts_with(['+', '-']) {
                    self.bump();
                }
                self.take_while(|char| char.is_ascii_digit());
            }
        }
        let unit = |rest: &str, belongs: fn(char) -> bool| {
            let length = rest.find(|char: char| !(char.is_numeric() || char == '.' || belongs(char)));
            length.unwrap_or(rest.len())
        };
        let number = start.len() - self.rest.len();
        let length = unit(self.rest, |char| "nu\u{b5}mshdwy".contains(char));
        let text = &start[..number + length];
        if length > 0 && (duration::prometheus(text).is_ok() || duration::go(text).is_some()) {
            return self.end_of_unit(length, Token::Duration);
        }
        let length = unit(self.rest, |char| "BikKMGTP".contains(char));
        let (digits, suffix) = start[..number + length].split_at(number);
        if length > 0 && size::is_humane(digits, suffix) {
            return self.end_of_unit(length, Token::Bytes);
        }
        Token::Number
    }

    fn end_of_unit(&mut self, length: usize, token: Token) -> Token {
        let after = self.rest.len() - length;
        while self.rest.len() > after {
            self.bump();
        }
        self.token.0 = 0;
        token
    }

    fn quoted(&mut self) -> Result<Token, String> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                Some('"') => return Ok(Token::Text(text)),
                None | Some('\n') => return Err(self.error("literal not terminated")),
                Some('\\') => text.push(self.escape('"').ok_or_else(|| self.error("invalid char escape"))?),
                Some(char) => text.push(char),
            }
        }
    }

    fn escape(&mut self, quote: char) -> Option<char> {
        let radix = |char: char| match char {
            'x' => Some((16, 2)),
            'u' => Some((16, 4)),
            'U' => Some((16, 8)),
            _ => None,
        };
        let char = self.peek()?;
        if let Some((radix, digits)) = radix(char).or(char.is_digit(8).then_some((8, 3))) {
            if radix == 16 {
                self.bump();
            }
            let value = (0..digits).try_fold(0_u32, |value, _| {
                let digit = self.peek()?.to_digit(radix)?;
                self.bump();
                value.checked_mul(radix)?.checked_add(digit)
            })?;
            return Some(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let value = match char {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' => '\\',
            char if char == quote => char,
            _ => return None,
        };
        self.bump();
        Some(value)
    }

    fn raw(&mut self) -> Result<Token, String> {
        self.bump();
        let text = self.take_while(|char| char != '`').to_owned();
        match self.bump() {
            Some(_) => Ok(Token::Text(text)),
            None => Err(self.error("literal not terminated")),
        }
    }

    /// A character in Go's quotes, which is an identifier to LogQL.
    fn character(&mut self) -> Result<Token, String> {
        self.bump();
        let mut length = 0;
        loop {
            match self.bump() {
                Some('\'') if length == 1 => return Ok(Token::Identifier("'".into())),
                Some('\'') => return Err(self.error("invalid char literal")),
                None | Some('\n') => return Err(self.error("literal not terminated")),
                Some('\\') => {
                    self.escape('\'').ok_or_else(|| self.error("invalid char escape"))?;
                }
                Some(_) => {}
            }
            length += 1;
        }
    }

    fn range(&mut self) -> Result<Token, String> {
        self.bump();
        let text = self.take_while(|char| char != ']');
        self.token.0 = 0;
        if self.bump().is_none() {
            return Err(self.error("missing closing ']' in duration"));
        }
        duration::prometheus(text).map_err(|error| self.error(&error))?;
        Ok(Token::Range)
    }
}

fn is_identifier(char: char) -> bool {
    char == '_' || char.is_alphabetic()
}

fn is_digit(char: char) -> bool {
    char.is_numeric()
}
