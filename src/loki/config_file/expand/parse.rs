//! The pieces of a text (envsubst's parse/parse.go).

use super::scan::{Mode, Scanner, Token};

const BAD: &str = "bad substitution";
/// Deeper than anybody nests; envsubst has no limit.
const MAX_DEPTH: usize = 200;

/// A piece of the text.
pub(super) enum Piece {
    Text(Vec<u8>),
    /// `${variable name arguments}`
    Function {
        name: Vec<u8>,
        variable: Vec<u8>,
        arguments: Vec<Piece>,
    },
}

/// All pieces of a text.
pub(super) fn parse(text: &str) -> Result<Vec<Piece>, String> {
    let mut parser = Parser { scanner: Scanner::new(text), depth: 0 };
    let mut pieces = Vec::new();
    loop {
        parser.scanner.accept = |_, _| true;
        parser.scanner.mode = Mode { ident: true, left: true, escape: true, right: false };
        match parser.scanner.scan() {
            Token::Ident => pieces.push(Piece::Text(parser.scanner.token()?)),
            Token::Left => pieces.push(parser.function()?),
            Token::End => return Ok(pieces),
            Token::Right | Token::Illegal => return Err(BAD.to_owned()),
        }
    }
}

struct Parser {
    scanner: Scanner,
    depth: usize,
}

impl Parser {
    /// What follows `${`.
    fn function(&mut self) -> Result<Piece, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("substitutions are nested more than {MAX_DEPTH} deep"));
        }
        let piece = self.named_function();
        self.depth -= 1;
        piece
    }

    fn named_function(&mut self) -> Result<Piece, String> {
        if self.scanner.peek() == '#' {
            let name = self.ident(|read, length| read == '#' && length == 1, BAD)?;
            let variable = self.ident(is_name, BAD)?;
            return self.closed(name, variable, Vec::new());
        }
        let variable = self.ident(is_name, "unable to parse variable name")?;
        match self.scanner.peek() {
            ':' => {
                self.scanner.read();
                let after = self.scanner.peek();
                // As envsubst does: back by the width of what was peeked at.
                self.scanner.unread();
                match after {
                    '=' | '-' | '?' | '+' => self.default_function(variable),
                    _ => self.substring_function(variable),
                }
            }
            '=' => self.default_function(variable),
            ',' | '^' => {
                let name = self.ident(|read, length| matches!(read, ',' | '^') && length < 3, BAD)?;
                self.closed(name, variable, Vec::new())
            }
            '/' => self.replace_function(variable),
            '#' => self.remove_function(variable, |read, length| read == '#' && length < 3),
            '%' => self.remove_function(variable, |read, length| read == '%' && length < 3),
            _ => {
                self.scanner.accept = is_name;
                self.scanner.mode = Mode { right: true, ..Mode::default() };
                match self.scanner.scan() {
                    Token::Right => Ok(Piece::Function { name: Vec::new(), variable, arguments: Vec::new() }),
                    _ => Err("missing closing brace".to_owned()),
                }
            }
        }
    }

    fn ident(&mut self, accept: fn(char, usize) -> bool, problem: &str) -> Result<Vec<u8>, String> {
        self.scanner.accept = accept;
        self.scanner.mode = Mode { ident: true, ..Mode::default() };
        match self.scanner.scan() {
            Token::Ident => self.scanner.token(),
            _ => Err(problem.to_owned()),
        }
    }

    fn closed(&mut self, name: Vec<u8>, variable: Vec<u8>, arguments: Vec<Piece>) -> Result<Piece, String> {
        self.scanner.mode = Mode { right: true, ..Mode::default() };
        match self.scanner.scan() {
            Token::Right => Ok(Piece::Function { name, variable, arguments }),
            _ => Err(BAD.to_owned()),
        }
    }

    fn argument(&mut self, accept: fn(char, usize) -> bool, escape: bool) -> Result<Piece, String> {
        self.scanner.accept = accept;
        self.scanner.mode = Mode { ident: true, left: true, escape, right: false };
        match self.scanner.scan() {
            Token::Left => self.function(),
            Token::Ident => self.scanner.token().map(Piece::Text),
            _ => Err("unable to parse substitution within function".to_owned()),
        }
    }

    /// `${variable:offset}` and `${variable:offset:length}`
    fn substring_function(&mut self, variable: Vec<u8>) -> Result<Piece, String> {
        let name = self.ident(|read, length| read == ':' && length == 1, BAD)?;
        let mut arguments = vec![self.argument(|read, _| read != ':' && read != '}', false)?];
        self.scanner.accept = |read, _| read == ':';
        self.scanner.mode = Mode { ident: true, right: true, ..Mode::default() };
        match self.scanner.scan() {
            Token::Right => return Ok(Piece::Function { name, variable, arguments }),
            Token::Ident => {}
            _ => return Err(BAD.to_owned()),
        }
        arguments.push(self.argument(is_open, false)?);
        self.closed(name, variable, arguments)
    }

    /// `${variable#pattern}`, `##`, `%` and `%%`
    fn remove_function(&mut self, variable: Vec<u8>, accept: fn(char, usize) -> bool) -> Result<Piece, String> {
        let name = self.ident(accept, BAD)?;
        let arguments = vec![self.argument(is_open, false)?];
        self.closed(name, variable, arguments)
    }

    /// `${variable/text/other}`, `//`, `/#` and `/%`
    fn replace_function(&mut self, variable: Vec<u8>) -> Result<Piece, String> {
        let accept = |read, length| match length {
            1 => read == '/',
            2 => matches!(read, '/' | '#' | '%'),
            _ => false,
        };
        let name = self.ident(accept, BAD)?;
        let mut arguments = vec![self.argument(|read, _| read != '/', true)?];
        self.ident(|read, _| read == '/', BAD)?;
        if self.scanner.peek() != '}' {
            arguments.push(self.argument(is_open, true)?);
        }
        self.closed(name, variable, arguments)
    }

    /// `${variable=text}`, `:=`, `:-`, `:?` and `:+`
    fn default_function(&mut self, variable: Vec<u8>) -> Result<Piece, String> {
        let name = if self.scanner.peek() == '=' {
            self.ident(|read, length| read == '=' && length == 1, DEFAULT)?
        } else {
            let accept = |read, length| match length {
                1 => read == ':',
                2 => matches!(read, '=' | '-' | '?' | '+'),
                _ => false,
            };
            self.ident(accept, DEFAULT)?
        };
        let mut arguments = Vec::new();
        while self.scanner.peek() != '}' {
            arguments.push(self.argument(is_open, false)?);
        }
        self.closed(name, variable, arguments)
    }
}

const DEFAULT: &str = "unable to parse default function";

fn is_name(read: char, _: usize) -> bool {
    read.is_alphanumeric() || read == '_'
}

fn is_open(read: char, _: usize) -> bool {
    read != '}'
}
