//! What functions make of values (envsubst's funcs.go).

use super::glob::matches;
use super::scan::decode;

/// Applies a function by its name.
pub(super) fn apply(name: &[u8], value: &[u8], arguments: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    Ok(match (name, arguments) {
        (b"#", []) => value.len().to_string().into_bytes(),
        (b",", _) => first(value, lower),
        (b",,", _) => cased(value, lower),
        (b"^", _) => first(value, upper),
        (b"^^", _) => cased(value, upper),
        (b"#", [pattern, ..]) => trim(value, pattern, false),
        (b"##", [pattern, ..]) => trim(value, pattern, true),
        (b"%", [pattern, ..]) => reversed(&trim(&reversed(value), &reversed(pattern), false)),
        (b"%%", [pattern, ..]) => reversed(&trim(&reversed(value), &reversed(pattern), true)),
        (b":", _) => return substring(value, arguments),
        (b"/#", [text, other]) if value.starts_with(text) => replace(value, text, other, 1),
        (b"/%", [text, other]) => match value.strip_suffix(text.as_slice()) {
            Some(rest) => [rest, other].concat(),
            None => value.to_vec(),
        },
        (b"/", [text, other @ ..]) => replace(value, text, other.first().map_or(&[], Vec::as_slice), 1),
        (b"//", [text, other @ ..]) => replace(value, text, other.first().map_or(&[], Vec::as_slice), usize::MAX),
        (b"##" | b"%" | b"%%" | b"/#" | b"/%" | b"/" | b"//", _) => value.to_vec(),
        // `:?` and `:+` too.
        _ if value.is_empty() => arguments.concat(),
        _ => value.to_vec(),
    })
}

/// Go knows the other case of single characters only.
fn lower(character: char) -> char {
    match character {
        'İ' => 'i',
        _ => single(character, character.to_lowercase()),
    }
}

fn upper(character: char) -> char {
    single(character, character.to_uppercase())
}

fn single(character: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    if mapped.len() == 1 { mapped.next().unwrap_or(character) } else { character }
}

fn cased(value: &[u8], case: fn(char) -> char) -> Vec<u8> {
    String::from_utf8_lossy(value).chars().map(case).collect::<String>().into_bytes()
}

fn first(value: &[u8], case: fn(char) -> char) -> Vec<u8> {
    let Some((character, width)) = decode(value) else { return Vec::new() };
    let mut out = case(character).to_string().into_bytes();
    out.extend_from_slice(value.get(width..).unwrap_or_default());
    out
}

/// By bytes, whatever characters they are of.
fn substring(value: &[u8], arguments: &[Vec<u8>]) -> Result<Vec<u8>, String> {
    let number = |index: usize| -> Option<i64> { std::str::from_utf8(arguments.get(index)?).ok()?.parse().ok() };
    let Some(mut from) = number(0) else { return Ok(value.to_vec()) };
    let length = i64::try_from(value.len()).unwrap_or(i64::MAX);
    if from < 0 {
        from = length.saturating_add(from).max(0);
    }
    let rest = || usize::try_from(from).ok().and_then(|from| value.get(from..)).unwrap_or_default().to_vec();
    if arguments.len() == 1 {
        return Ok(rest());
    }
    let Some(count) = number(1) else { return Ok(value.to_vec()) };
    let until = from.wrapping_add(count);
    if until >= length {
        return Ok(rest());
    }
    let range = usize::try_from(from).ok().zip(usize::try_from(until).ok());
    match range.and_then(|(from, until)| value.get(from..until)) {
        Some(part) => Ok(part.to_vec()),
        None if until < 0 => Err(format!("runtime error: slice bounds out of range [:{until}]")),
        None => Err(format!("runtime error: slice bounds out of range [{from}:{until}]")),
    }
}

/// Go's strings.Replace: an empty text is found before each character and at the end.
fn replace(value: &[u8], text: &[u8], other: &[u8], mut count: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    while count > 0 {
        if rest.starts_with(text) {
            out.extend_from_slice(other);
            rest = rest.get(text.len()..).unwrap_or_default();
            count -= 1;
            if !text.is_empty() {
                continue;
            }
        }
        let width = if text.is_empty() { decode(rest).map_or(0, |(_, width)| width) } else { 1 };
        let Some((head, tail)) = rest.split_at_checked(width).filter(|(head, _)| !head.is_empty()) else { break };
        out.extend_from_slice(head);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out
}

/// Without the shortest or longest beginning that a pattern matches, which is not the empty one.
fn trim(value: &[u8], pattern: &[u8], longest: bool) -> Vec<u8> {
    let mut found = None;
    for length in (1..=value.len()).rev() {
        match matches(pattern, value.get(..length).unwrap_or_default()) {
            // A malformed pattern, as soon as it shows.
            None => return value.to_vec(),
            Some(true) => {
                found = Some(length);
                if longest {
                    break;
                }
            }
            Some(false) => {}
        }
    }
    value.get(found.unwrap_or(0)..).unwrap_or_default().to_vec()
}

fn reversed(value: &[u8]) -> Vec<u8> {
    let mut characters = Vec::new();
    let mut rest = value;
    while let Some((character, width)) = decode(rest) {
        characters.push(character);
        rest = rest.get(width..).unwrap_or_default();
    }
    characters.iter().rev().collect::<String>().into_bytes()
}
