//! Variables in a configuration file, as `-config.expand-env=true` expands them.
//!
//! A port of github.com/drone/envsubst v1.0.3 (MIT licence), whose oddities are kept: it reads `$$` as `$` and `\\` and
//! `\/` without the backslash, knows no `${A-b}`, and takes `:?` and `:+` for `:-`.

mod apply;
mod glob;
mod parse;
mod scan;

use std::collections::BTreeMap;

use parse::Piece;

/// Expands the variables in a text; those that are not known are empty.
///
/// # Errors
/// What envsubst refuses, in its words; and where it panics, Go's.
pub fn expand(text: &str, variables: &BTreeMap<String, String>) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len());
    for piece in parse::parse(text)? {
        evaluate(&piece, variables, &mut out)?;
    }
    // A part of a value can end within a character; yaml.v2 is who refuses it then (readerc.go).
    String::from_utf8(out).map_err(|error| {
        let error = error.utf8_error();
        match error.error_len() {
            None => "yaml: incomplete UTF-8 octet sequence".to_owned(),
            Some(1) => "yaml: invalid leading UTF-8 octet".to_owned(),
            Some(_) => "yaml: invalid trailing UTF-8 octet".to_owned(),
        }
    })
}

fn evaluate(piece: &Piece, variables: &BTreeMap<String, String>, out: &mut Vec<u8>) -> Result<(), String> {
    match piece {
        Piece::Text(text) => out.extend_from_slice(text),
        Piece::Function { name, variable, arguments } => {
            let mut values = Vec::with_capacity(arguments.len());
            for argument in arguments {
                let mut value = Vec::new();
                evaluate(argument, variables, &mut value)?;
                values.push(value);
            }
            let value = std::str::from_utf8(variable).ok().and_then(|name| variables.get(name));
            let value = value.map(String::as_bytes).unwrap_or_default();
            out.extend_from_slice(&apply::apply(name, value, &values)?);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "expand/expand_tests.rs"]
pub(crate) mod tests;
