//! What to do about a key that the version does not have: keys of Loki 2, keys of other minor versions, keys at the
//! wrong place, and misspelt ones.

use super::model::{Model, ModelId};
use super::{NEWEST_MINOR, OLDEST_MINOR};

/// One key and its hint a line.
const REMOVED: &str = include_str!("removed.txt");

/// Keys that Loki 2.4 to 2.9 had and 3.0 has no longer, with what to do instead.
pub fn removed_since_2_9() -> impl Iterator<Item = (&'static str, &'static str)> {
    REMOVED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// The hint for the unknown key in the section at the path (dotted, items as `[0]`), which is the place of the model.
pub(super) fn hint(path: &str, key: &str, minor: u32, model: &Model, place: ModelId) -> Option<String> {
    let section = without_items(path);
    let full = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
    if let Some((_, hint)) = removed_since_2_9().find(|(path, _)| *path == full) {
        return Some(hint.to_owned());
    }
    other_minor(&full, minor).or_else(|| closest(key, model, place)).or_else(|| elsewhere(key, model))
}

/// Models name a list's item `[]`; the file's paths number it.
fn without_items(path: &str) -> String {
    path.split('[').enumerate().fold(String::new(), |text, (at, part)| match part.split_once(']') {
        Some((_, rest)) if at > 0 => text + "[]" + rest,
        _ => text + part,
    })
}

fn other_minor(full: &str, minor: u32) -> Option<String> {
    if let Some(first) = (minor.saturating_add(1)..=NEWEST_MINOR).find(|other| knows(*other, full)) {
        return Some(format!("comes with Loki 3.{first}"));
    }
    let last = (OLDEST_MINOR..minor.min(NEWEST_MINOR)).rev().find(|other| knows(*other, full))?;
    Some(format!("was removed in Loki 3.{}: delete it", last + 1))
}

fn knows(minor: u32, full: &str) -> bool {
    let model = Model::of(minor);
    let found = full.split('.').try_fold(Model::ROOT, |node, step| {
        let (name, items) = step.split_once("[]").map_or((step, 0), |(name, _)| (name, step.matches("[]").count()));
        let field = model.field(node, name)?;
        (0..items).try_fold(field, |node, _| model.element(node))
    });
    found.is_some()
}

fn closest(key: &str, model: &Model, place: ModelId) -> Option<String> {
    let plain = key.to_lowercase().replace('-', "_");
    // A third of the letters may differ, up to three.
    let most = (plain.chars().count() / 3).min(3);
    let near = model.fields(place).map(|(field, _)| (distance(&plain, field), field));
    let (_, field) = near.filter(|(distance, _)| *distance <= most).min()?;
    Some(format!("did you mean {field}?"))
}

fn elsewhere(key: &str, model: &Model) -> Option<String> {
    let places = model.places(key);
    // Of a name that stands everywhere, no place is the likely one.
    if places.len() > 3 {
        return None;
    }
    let sections: Vec<&str> =
        places.iter().map(|place| place.rsplit_once('.').map_or("the top level", |(section, _)| section)).collect();
    (!sections.is_empty()).then(|| format!("it belongs under {}", sections.join(" or ")))
}

/// How many letters to insert, delete or replace (Levenshtein). Keys of absurd length are not compared.
fn distance(left: &str, right: &str) -> usize {
    if left.len() > 100 {
        return usize::MAX;
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in left.chars().enumerate() {
        let mut next = vec![done + 1];
        for ((other, pair), before) in right.iter().zip(row.windows(2)).zip(done + 1..) {
            let left_of = next.last().copied().unwrap_or(before);
            let [diagonal, above] = pair else { continue };
            next.push((diagonal + usize::from(letter != *other)).min(above + 1).min(left_of + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::config_file::verify;

    fn of(text: &str, minor: u32) -> Vec<String> {
        verify(text, minor, None).into_iter().filter(|f| f.text.contains("not found in type")).map(|f| f.hint).collect()
    }

    #[test]
    fn every_key_of_loki_2_has_its_hint() {
        for (path, hint) in removed_since_2_9() {
            let keys = path.split('.').enumerate().map(|(depth, key)| format!("\n{}{key}:", " ".repeat(depth)));
            for minor in OLDEST_MINOR..=NEWEST_MINOR {
                let text = keys.clone().collect::<String>() + " 1\n";
                assert_eq!(of(&text, minor), [hint], "{path} in 3.{minor}");
            }
        }
    }

    #[test]
    fn misspelt_and_misplaced_keys_have_hints() {
        assert_eq!(of("auth-enabled: true\n", 7), ["did you mean auth_enabled?"]);
        assert_eq!(of("server:\n  http_listen_prot: 1\n", 7), ["did you mean http_listen_port?"]);
        assert_eq!(of("server:\n  retention_deletes_enabled_not: 1\n", 7), [""]);
        assert_eq!(of("server:\n  delete_request_store: s3\n", 7), ["it belongs under compactor"]);
    }

    #[test]
    fn keys_of_other_minors_name_them() {
        assert_eq!(of("block_builder: {}\n", 3), ["comes with Loki 3.4"]);
        assert_eq!(of("block_builder: {}\n", 7), ["was removed in Loki 3.6: delete it"]);
    }
}
