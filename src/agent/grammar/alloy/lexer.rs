//! Tokens of Alloy's syntax (syntax/scanner/scanner.go of Alloy).

use std::fmt;

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    /// From 1.
    pub line: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// An identifier.
    Name(String),
    /// A text.
    Text(String),
    /// A number.
    Number,
    /// A sign of one letter; those of two are `≤ ≥ ≠ ≡ ∧ ∨`.
    Sign(char),
    /// The end of a line.
    Line,
    /// The end of the file.
    End,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Name(name) => write!(f, "{name:?}"),
            Kind::Text(_) => f.write_str("a text"),
            Kind::Number => f.write_str("a number"),
            Kind::Sign(sign) => write!(f, "{sign}"),
            Kind::Line => f.write_str("the end of the line"),
            Kind::End => f.write_str("the end of the file"),
        }
    }
}

/// The tokens of a file, one after the other.
pub struct Lexer {
    tokens: Vec<Token>,
    at: usize,
}

impl Lexer {
    /// Reads all tokens.
    ///
    /// # Errors
    /// Why a text or a letter is none of the syntax, by its line.
    pub fn new(text: &str) -> Result<Self, String> {
        let mut tokens = Vec::new();
        let mut letters = text.chars().peekable();
        let mut line = 1;
        while let Some(letter) = letters.next() {
            let began = line;
            let kind = match letter {
                '\n' => {
                    line += 1;
                    Kind::Line
                }
                letter if letter.is_whitespace() => continue,
                '/' if letters.peek() == Some(&'/') => {
                    while letters.peek().is_some_and(|next| *next != '\n') {
                        letters.next();
                    }
                    continue;
                }
                '/' if letters.peek() == Some(&'*') => {
                    letters.next();
                    let mut before = ' ';
                    loop {
                        match letters.next() {
                            None => return Err(format!("Line {began}: the comment has no end.")),
                            Some('/') if before == '*' => break,
                            Some(next) => {
                                line += usize::from(next == '\n');
                                before = next;
                            }
                        }
                    }
                    continue;
                }
                '"' => {
                    let mut inside = String::new();
                    loop {
                        match letters.next() {
                            None | Some('\n') => return Err(format!("Line {began}: the text has no end.")),
                            Some('"') => break,
                            Some('\\') => match letters.next() {
                                Some(escape) if "abfnrtv\\\"'01234567xuU".contains(escape) => inside.push(escape),
                                escape => {
                                    let shown = escape.map(String::from).unwrap_or_default();
                                    return Err(format!("Line {began}: there is no escape \\{shown} in a text."));
                                }
                            },
                            Some(next) => inside.push(next),
                        }
                    }
                    Kind::Text(inside)
                }
                '`' => {
                    let mut inside = String::new();
                    loop {
                        match letters.next() {
                            None => return Err(format!("Line {began}: the text has no end.")),
                            Some('`') => break,
                            Some(next) => {
                                line += usize::from(next == '\n');
                                inside.push(next);
                            }
                        }
                    }
                    Kind::Text(inside)
                }
                letter if letter.is_alphabetic() || letter == '_' => {
                    let mut name = String::from(letter);
                    while let Some(next) = letters.next_if(|next| next.is_alphanumeric() || *next == '_') {
                        name.push(next);
                    }
                    Kind::Name(name)
                }
                letter if letter.is_ascii_digit() => {
                    let mut before = letter;
                    while let Some(next) = letters.next_if(|next| {
                        next.is_ascii_alphanumeric() || *next == '.' || ("+-".contains(*next) && "eE".contains(before))
                    }) {
                        before = next;
                    }
                    Kind::Number
                }
                letter => {
                    let two = letters.peek().and_then(|next| match (letter, *next) {
                        ('<', '=') => Some('≤'),
                        ('>', '=') => Some('≥'),
                        ('!', '=') => Some('≠'),
                        ('=', '=') => Some('≡'),
                        ('&', '&') => Some('∧'),
                        ('|', '|') => Some('∨'),
                        _ => None,
                    });
                    if two.is_some() {
                        letters.next();
                    }
                    let sign = two.unwrap_or(letter);
                    if two.is_none() && !"{}[](),.=+-*/%^<>!".contains(sign) {
                        return Err(format!("Line {began}: {sign:?} is no sign of the syntax."));
                    }
                    Kind::Sign(sign)
                }
            };
            tokens.push(Token { kind, line: began });
        }
        tokens.push(Token { kind: Kind::End, line });
        Ok(Self { tokens, at: 0 })
    }

    /// The next token, which is not taken.
    pub fn peek(&self) -> &Token {
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    /// The next token; the end of the file again and again.
    pub fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    /// Takes the next token where it is that sign.
    pub fn takes(&mut self, sign: char) -> bool {
        let is = self.peek().kind == Kind::Sign(sign);
        self.at += usize::from(is);
        is
    }

    /// Takes ends of lines.
    pub fn skip_lines(&mut self) {
        while self.peek().kind == Kind::Line {
            self.at += 1;
        }
    }
}
