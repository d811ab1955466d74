//! Expressions of Alloy's syntax (syntax/parser/internal.go of Alloy).

use super::lexer::{Kind, Lexer};
use super::wrong;

/// Reads an expression, and notes the names with dots that stand in it.
pub fn read(lexer: &mut Lexer, references: &mut Vec<(String, usize)>) -> Result<(), String> {
    loop {
        operand(lexer, references)?;
        let Kind::Sign(sign) = lexer.peek().kind else { return Ok(()) };
        if !"+-*/%^<>≤≥≠≡∧∨".contains(sign) {
            return Ok(());
        }
        lexer.next();
        lexer.skip_lines();
    }
}

fn operand(lexer: &mut Lexer, references: &mut Vec<(String, usize)>) -> Result<(), String> {
    while lexer.takes('-') || lexer.takes('!') {}
    let token = lexer.next();
    let mut name = None;
    match token.kind {
        Kind::Text(_) | Kind::Number => {}
        Kind::Name(first) => name = Some(first),
        Kind::Sign('(') => {
            lexer.skip_lines();
            read(lexer, references)?;
            lexer.skip_lines();
            end(lexer, ')')?;
        }
        Kind::Sign('[') => list(lexer, references, ']')?,
        Kind::Sign('{') => object(lexer, references)?,
        _ => return Err(wrong(&token, "a value")),
    }
    // What follows a value: fields, elements, calls.
    loop {
        if lexer.takes('.') {
            let field = lexer.next();
            let Kind::Name(more) = &field.kind else { return Err(wrong(&field, "a field's name")) };
            name = name.map(|name| format!("{name}.{more}"));
        } else if lexer.takes('[') {
            read(lexer, references)?;
            end(lexer, ']')?;
        } else if lexer.takes('(') {
            list(lexer, references, ')')?;
            name = None;
        } else {
            break;
        }
    }
    references.extend(name.filter(|name| name.contains('.')).map(|name| (name, token.line)));
    Ok(())
}

fn list(lexer: &mut Lexer, references: &mut Vec<(String, usize)>, last: char) -> Result<(), String> {
    loop {
        lexer.skip_lines();
        if lexer.takes(last) {
            return Ok(());
        }
        read(lexer, references)?;
        // The end may stand on a line of its own after a comma alone.
        if !lexer.takes(',') {
            return end(lexer, last);
        }
    }
}

fn object(lexer: &mut Lexer, references: &mut Vec<(String, usize)>) -> Result<(), String> {
    loop {
        lexer.skip_lines();
        if lexer.takes('}') {
            return Ok(());
        }
        let key = lexer.next();
        if !matches!(key.kind, Kind::Name(_) | Kind::Text(_)) {
            return Err(wrong(&key, "a key"));
        }
        end(lexer, '=')?;
        read(lexer, references)?;
        if !lexer.takes(',') {
            lexer.skip_lines();
            return end(lexer, '}');
        }
    }
}

fn end(lexer: &mut Lexer, sign: char) -> Result<(), String> {
    let token = lexer.next();
    if token.kind == Kind::Sign(sign) { Ok(()) } else { Err(wrong(&token, &sign.to_string())) }
}
