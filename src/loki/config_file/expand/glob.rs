//! Patterns with `*`, `?` and `[a-z]` (envsubst's path/match.go, which is Go's without the slashes; BSD licence).

use super::scan::decode;

/// Whether a pattern matches all of a name; None where it is malformed.
pub(super) fn matches(mut pattern: &[u8], mut name: &[u8]) -> Option<bool> {
    'pattern: while !pattern.is_empty() {
        let (star, chunk, rest) = split(pattern);
        pattern = rest;
        if star && chunk.is_empty() {
            return Some(true);
        }
        let fits = |left: &[u8]| left.is_empty() || !pattern.is_empty();
        if let Some(left) = match_chunk(chunk, name)?
            && fits(left)
        {
            name = left;
            continue;
        }
        if star {
            for skipped in 1..=name.len() {
                if let Some(left) = match_chunk(chunk, name.get(skipped..)?)?
                    && fits(left)
                {
                    name = left;
                    continue 'pattern;
                }
            }
        }
        return Some(false);
    }
    Some(name.is_empty())
}

/// Whether there are stars, what follows up to the next one, and the rest.
fn split(pattern: &[u8]) -> (bool, &[u8], &[u8]) {
    let stars = pattern.iter().take_while(|byte| **byte == b'*').count();
    let pattern = pattern.get(stars..).unwrap_or_default();
    let mut in_range = false;
    let mut index = 0;
    while let Some(byte) = pattern.get(index) {
        match byte {
            b'\\' if index + 1 < pattern.len() => index += 1,
            b'[' => in_range = true,
            b']' => in_range = false,
            b'*' if !in_range => break,
            _ => {}
        }
        index += 1;
    }
    let (chunk, rest) = pattern.split_at_checked(index).unwrap_or((pattern, &[]));
    (stars > 0, chunk, rest)
}

/// What a chunk without stars leaves of a name; None outside where it is malformed, and inside where it does not match.
fn match_chunk<'a>(mut chunk: &[u8], mut name: &'a [u8]) -> Option<Option<&'a [u8]>> {
    while let Some((&first, rest)) = chunk.split_first() {
        let Some((&byte, name_rest)) = name.split_first() else { return Some(None) };
        let (character, width) = decode(name)?;
        match first {
            b'[' => {
                name = name.get(width..)?;
                let (found, rest) = match_class(rest, character)?;
                if !found {
                    return Some(None);
                }
                chunk = rest;
            }
            b'?' => {
                name = name.get(width..)?;
                chunk = rest;
            }
            _ => {
                let (wanted, rest) = if first == b'\\' { rest.split_first()? } else { (&first, rest) };
                if *wanted != byte {
                    return Some(None);
                }
                name = name_rest;
                chunk = rest;
            }
        }
    }
    Some(Some(name))
}

/// Whether a character is of the class, and what follows that.
fn match_class(mut chunk: &[u8], character: char) -> Option<(bool, &[u8])> {
    let negated = chunk.first() == Some(&b'^');
    if negated {
        chunk = chunk.get(1..)?;
    }
    let mut found = false;
    let mut first = true;
    loop {
        if chunk.first() == Some(&b']') && !first {
            return Some((found != negated, chunk.get(1..)?));
        }
        first = false;
        let (low, rest) = class_character(chunk)?;
        let (high, rest) = if rest.first() == Some(&b'-') { class_character(rest.get(1..)?)? } else { (low, rest) };
        found |= (low..=high).contains(&character);
        chunk = rest;
    }
}

/// A character of a class, after which the class goes on.
fn class_character(mut chunk: &[u8]) -> Option<(char, &[u8])> {
    match chunk.first()? {
        b'-' | b']' => return None,
        b'\\' => chunk = chunk.get(1..)?,
        _ => {}
    }
    let (character, width) = decode(chunk)?;
    let rest = chunk.get(width..)?;
    let broken = character == char::REPLACEMENT_CHARACTER && width == 1;
    (!broken && !rest.is_empty()).then_some((character, rest))
}
