//! The rooms keep to the law.

use std::collections::BTreeSet;
use std::path::Path;

use super::law::{RESOURCE_NAMES, Row, forbidden, never, table};
use super::modules::{crate_files, declared};
use super::offers::type_names;
use super::source::{parse, paths, root, short, strings, without_attributes, without_tests};

/// What is wrong with a file's text, given the law of its room. `module` is the file's path of modules, its room first.
fn offences(row: &Row, rooms: &BTreeSet<String>, module: &[String], text: &str, types: &[&str]) -> Vec<String> {
    let tokens = without_attributes(without_tests(parse(text)));
    let room = &module[0];
    let mut found = Vec::new();
    for path in paths(&tokens) {
        if let Some(used) = used(&path, module)
            && used != room
            && (used == "*" || rooms.contains(used) && !row.uses.iter().any(|it| it == used))
        {
            found.push(format!("uses {used}, by {}", path.join("::")));
        }
        for ban in &row.never {
            if let Some(by) = forbidden(&path, never(ban)) {
                found.push(format!("does what it never does, {ban}, by {by}"));
            }
        }
    }
    if row.never.iter().any(|ban| ban == RESOURCE_NAMES) {
        let strings = strings(&tokens);
        let named = types.iter().filter(|name| strings.iter().any(|text| text.contains(**name)));
        found.extend(named.map(|name| format!("names the resource {name}")));
    }
    found
}

/// The room of this crate that a path in that module leads to.
fn used<'a>(path: &'a [String], module: &[String]) -> Option<&'a str> {
    let up = path.iter().take_while(|segment| *segment == "super").count();
    match path[0].as_str() {
        "crate" | "loki_provider" => path.get(1).map(String::as_str),
        "super" if up == module.len() => path.get(up).map(String::as_str),
        _ => None,
    }
}

/// `src/plugin/services/rpc.rs` is `["plugin", "services", "rpc"]`.
fn module(path: &Path) -> Vec<String> {
    let path = path.strip_prefix(root().join("src")).unwrap().with_extension("");
    path.iter().map(|it| it.to_string_lossy().into_owned()).filter(|it| it != "mod").collect()
}

#[test]
fn every_room_keeps_to_the_law_of_the_rooms() {
    let library = root().join("src/lib.rs");
    let text = std::fs::read_to_string(&library).unwrap();
    let law = table(&text);
    let rooms: BTreeSet<String> = law.iter().flat_map(|row| row.rooms.iter().cloned()).collect();
    // Unit tests may share files with the tests beside them.
    let files = crate_files(&library);
    let own = files[1..].iter().filter(|(path, _)| path.starts_with(root().join("src")));
    let built: BTreeSet<String> = own.map(|(path, _)| module(path)[0].clone()).collect();
    assert_eq!(declared(&parse(&text)).len(), built.len(), "each room is one `mod` of src/lib.rs");
    assert_eq!(rooms, built, "the table of rooms in src/lib.rs, and its modules");
    let unknown: Vec<_> = law.iter().flat_map(|row| &row.uses).filter(|room| !rooms.contains(*room)).collect();
    assert!(unknown.is_empty(), "the table uses rooms that are not: {unknown:?}");

    let types = type_names();
    let mut found = Vec::new();
    for (path, _) in crate_files(&library)[1..].iter().filter(|(_, test)| !test) {
        let module = module(path);
        let row = law.iter().find(|row| row.rooms.contains(&module[0])).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let offences = offences(row, &rooms, &module, &text, &types);
        found.extend(offences.into_iter().map(|offence| format!("{} {offence}", short(path))));
    }
    assert!(found.is_empty(), "against the law of the rooms in src/lib.rs:\n{}", found.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<String> {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let row =
            Row { rooms: owned(&["plugin"]), uses: owned(&["schema"]), never: owned(&["clocks", RESOURCE_NAMES]) };
        let rooms = owned(&["plugin", "schema", "aws"]).into_iter().collect();
        offences(&row, &rooms, &owned(&["plugin", "server"]), text, &["loki_stack"])
    }

    #[test]
    fn what_is_allowed_is_no_offence() {
        assert_eq!(check("use crate::schema::X; use super::Error; use crate::plugin::Y; use aws::Z;"), [""; 0]);
        assert_eq!(
            check("/// Not `loki_stack`, crate::aws.\nfn f() {} #[cfg(test)] mod t { use crate::aws; }"),
            [""; 0]
        );
    }

    #[test]
    fn what_is_not_is_found() {
        assert_eq!(check("use crate::{schema, aws::Role};"), ["uses aws, by crate::aws::Role"]);
        assert_eq!(check("fn f() { super::super::aws::connect() }"), ["uses aws, by super::super::aws::connect"]);
        assert_eq!(check("use loki_provider::*;"), ["uses *, by loki_provider::*"]);
        assert_eq!(check("fn f() { Instant::now() }"), ["does what it never does, clocks, by Instant"]);
        assert_eq!(check("const A: &str = \"a loki_stack\";"), ["names the resource loki_stack"]);
    }
}
