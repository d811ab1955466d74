//! Keys that look like an unknown one, and the places where it would be known.

use super::super::model::{Kind, Model, ModelId};
use super::RUNTIME;

/// Longer ones are no slips, and comparing them would take long.
const LONGEST_KEY: usize = 60;
/// As many places of one key still help; `enabled` has dozens.
const MOST_PLACES: usize = 3;

/// How alike two keys must be.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// Another way to write the same, or a slip of the fingers.
    Slip,
    /// Alike enough to be asked about, when nothing better is known.
    Alike,
}

/// The key of this place that is most like the unknown one.
pub(super) fn here(key: &str, model: &Model, place: ModelId, reach: Reach) -> Option<String> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        return None;
    }
    let plain = plain(key);
    let most = match reach {
        Reach::Slip => (plain.len() / 4).min(2),
        Reach::Alike => (plain.len() / 3).min(5),
    };
    let known = model.fields(place).map(|(known, _)| (distance(&plain, known, most), known));
    let (_, best) = known.filter(|(distance, _)| *distance <= most).min()?;
    Some(format!("Did you mean {best}?"))
}

/// Where this version knows the key, when that is elsewhere.
pub(super) fn elsewhere(at: &str, key: &str, minor: u32) -> Option<String> {
    let model = Model::of(minor);
    // `server.http_listen_port: 3100` is the name of the flag, or of the documentation.
    if key.contains('.') && find(model, key).is_some() {
        return Some(format!(
            "Write one key below the other: {}.",
            key.replace('.', ": {") + &"}".repeat(key.matches('.').count())
        ));
    }
    let mut places: Vec<String> = model.places(key).into_iter().map(|place| place.replace("[]", "")).collect();
    if at == RUNTIME {
        let limit = places.iter().any(|place| place.strip_prefix("limits_config.") == Some(key));
        return limit.then(|| "Write it below the tenant that it is for: overrides: {tenant: {…}}.".into());
    }
    // Those with which this place shares the most of its path are the likeliest.
    let shared = |place: &String| place.split('.').zip(at.split('.')).take_while(|(a, b)| a == b).count();
    let most = places.iter().map(shared).max()?;
    places.retain(|place| shared(place) == most);
    if places.is_empty() || places.len() > MOST_PLACES {
        return None;
    }
    let parents: Vec<&str> =
        places.iter().map(|place| place.rsplit_once('.').map_or("the top level", |(parent, _)| parent)).collect();
    let (last, others) = parents.split_last()?;
    let place = if others.is_empty() { (*last).to_owned() } else { format!("{} or {last}", others.join(", ")) };
    Some(if parents == ["the top level"] {
        "It belongs at the top level: check the indentation.".into()
    } else {
        format!("It belongs under {place}.")
    })
}

/// A node by its dotted path; names of the user's are taken for any of a map, and items are left out.
pub(super) fn find(model: &Model, path: &str) -> Option<ModelId> {
    let mut at = Model::ROOT;
    for key in path.split('.') {
        while matches!(model.kind(at), Kind::List | Kind::Pointer) {
            at = model.element(at)?;
        }
        at = match model.kind(at) {
            Kind::Map => model.element(at)?,
            _ => model.field(at, key)?,
        };
    }
    Some(at)
}

/// The key as Loki would write it: `httpListenPort` and `http-listen-port` are `http_listen_port`.
fn plain(key: &str) -> String {
    let mut plain = String::with_capacity(key.len() + 8);
    let mut before = '_';
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            plain.push('_');
        }
        plain.push(if matches!(letter, '-' | ' ') { '_' } else { letter.to_ascii_lowercase() });
        before = letter;
    }
    plain
}

/// How many letters must be put in, left out, changed, or swapped with their neighbour; counted no further than `most`.
fn distance(a: &str, b: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return usize::MAX;
    }
    let mut two_above = vec![usize::MAX; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, of_a) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, of_b) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(of_a != of_b)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *of_a == b[j - 1] && a[i - 1] == *of_b {
                best = best.min(two_above[j - 1] + 1);
            }
            row.push(best);
        }
        two_above = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(usize::MAX)
}
