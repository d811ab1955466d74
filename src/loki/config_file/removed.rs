//! What to do about a key that this version of Loki does not know: one that was removed or has moved, one of a later
//! version, one at the wrong place, or one that is misspelt.

mod near;

use super::model::{Model, ModelId};
use super::{NEWEST_MINOR, OLDEST_MINOR};

/// Removed keys; the file says how it is laid out.
const TABLE: &str = include_str!("removed.txt");
/// The place that the table gives to the top of the runtime file.
const RUNTIME: &str = "runtime";

/// What to do about an unknown key at a place, which is known by its dotted path and its node.
pub(super) fn hint(path: &str, key: &str, minor: u32, model: &Model, place: ModelId) -> Option<String> {
    let at = place_of(path, model, place);
    gone(&at, key, minor)
        .or_else(|| of_another_version(&at, key, minor))
        .or_else(|| near::here(key, model, place, near::Reach::Slip))
        .or_else(|| near::elsewhere(&at, key, minor))
        .or_else(|| near::here(key, model, place, near::Reach::Alike))
}

/// Every key that Loki 2.9 had and 3.0 does not know: its path, in which `*` is a name of the user's, and what to do.
pub fn removed_since_2_9() -> impl Iterator<Item = (String, &'static str)> {
    rows().filter(|row| row.last == "2.9" && row.places != RUNTIME).flat_map(|row| {
        let places = row.places.split(',').map(|place| if place == "/" { "" } else { place });
        places
            .flat_map(move |place| row.keys.split(',').map(move |key| (join(place, key), row.what)).collect::<Vec<_>>())
    })
}

struct Row {
    /// The last version that had the keys, such as 2.9; empty where none had.
    last: &'static str,
    places: &'static str,
    keys: &'static str,
    what: &'static str,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter(|line| !line.starts_with(['#', '@'])).filter_map(|line| {
        let mut fields = line.split('\t');
        let (last, places, keys) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Row { last, places: named(places), keys, what: fields.next()? })
    })
}

/// The places of a name such as `@cache`.
fn named(places: &'static str) -> &'static str {
    if !places.starts_with('@') {
        return places;
    }
    TABLE.lines().filter_map(|line| line.split_once('\t')).find(|(name, _)| *name == places).map_or("", |(_, all)| all)
}

/// The path by which the table knows a place: without indexes, and a tenant's limits are limits.
fn place_of(path: &str, model: &Model, place: ModelId) -> String {
    if model.strict_name(Model::ROOT) == "loki.runtimeConfigValues" {
        return match model.type_name(place) {
            _ if path.is_empty() => RUNTIME.into(),
            limits if limits.ends_with("validation.Limits") => "limits_config".into(),
            _ => path.into(),
        };
    }
    let mut plain = String::with_capacity(path.len());
    for part in path.split('[') {
        plain.push_str(part.split_once(']').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// What the table says.
fn gone(at: &str, key: &str, minor: u32) -> Option<String> {
    let row = rows().find(|row| {
        row.keys.split(',').any(|known| known == key)
            && row.places.split(',').any(|place| matches(place, at))
            && row.last.strip_prefix("3.").is_none_or(|last| last.parse().is_ok_and(|last: u32| last < minor))
    })?;
    let when = match row.last {
        "" => String::new(),
        "2" => "Loki 2 removed it. ".into(),
        "2.9" => "Removed in Loki 3.0. ".into(),
        last => match last.strip_prefix("3.").and_then(|last| last.parse::<u32>().ok()) {
            Some(last) => format!("Removed in Loki 3.{}. ", last + 1),
            None => String::new(),
        },
    };
    Some(format!("{when}{}", row.what))
}

/// Whether a place of the table is that path.
fn matches(place: &str, path: &str) -> bool {
    if place == "/" {
        return path.is_empty();
    }
    if let Some(end) = place.strip_prefix("**") {
        return path.ends_with(end);
    }
    place.split('.').count() == path.split('.').count()
        && place.split('.').zip(path.split('.')).all(|(place, path)| place == "*" || place == path)
}

/// A key that other versions have at the same place.
fn of_another_version(at: &str, key: &str, minor: u32) -> Option<String> {
    if key.contains('.') {
        return None;
    }
    let path = join(at, key);
    let knows = |minor: &u32| near::find(Model::of(*minor), &path).is_some();
    if let Some(first) = (minor + 1..=NEWEST_MINOR).find(knows) {
        return Some(format!("Loki has this key from 3.{first} on. Delete it, or run that version."));
    }
    let last = (OLDEST_MINOR..minor).rev().find(knows)?;
    Some(format!("Loki 3.{last} was the last to have this key. Delete it."))
}

fn join(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") }
}

#[cfg(test)]
#[path = "removed_tests.rs"]
mod tests;
