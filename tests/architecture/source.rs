//! Rust source as paths and literals, without comments and without the code of unit tests.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The crate's folder, or the copy that PROJECT_ROOT names (scripts/contributing.sh).
pub fn root() -> &'static Path {
    static ROOT: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    ROOT.get_or_init(|| std::env::var_os("PROJECT_ROOT").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into()).into())
}

/// Every file under the folder with that ending, sorted. Folders that start with a dot or hold builds are left out.
pub fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type().unwrap().is_dir() {
            if !name.starts_with('.') && name != "target" {
                found.extend(files(&path, ending));
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every Rust file of the project.
pub fn sources() -> Vec<PathBuf> {
    ["src", "tests", "benches", "macros"].iter().flat_map(|folder| files(&root().join(folder), ".rs")).collect()
}

/// The path from the crate's folder.
pub fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The table with that head in the module documentation of `source`: the cells of each row.
pub fn doc_table(source: &str, head: &str) -> Vec<Vec<String>> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let mut rows = lines.skip_while(|line| *line != head).take_while(|line| line.starts_with('|'));
    assert_eq!(rows.next(), Some(head), "the table in the module documentation");
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.skip(1).map(cells).collect()
}

pub fn parse(text: &str) -> Vec<TokenTree> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{error} in {text:.80}"));
    tokens.into_iter().collect()
}

pub fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

pub fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// The inside of a group with that delimiter.
pub fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<Vec<TokenTree>> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group.stream().into_iter().collect()),
        _ => None,
    }
}

/// Takes out each `#[cfg(test)]` item with braces: unit tests may do what their room may not.
pub fn without_tests(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let attribute = is_punct(Some(&token), '#').then(|| group(tokens.peek(), Delimiter::Bracket)).flatten();
        if attribute.is_some_and(|inside| is_cfg_test(&inside)) {
            for rest in tokens.by_ref() {
                let ends = matches!(&rest, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
                if ends || is_punct(Some(&rest), ';') {
                    break;
                }
            }
        } else {
            kept.push(token);
        }
    }
    kept
}

pub fn is_cfg_test(attribute: &[TokenTree]) -> bool {
    let inside = group(attribute.get(1), Delimiter::Parenthesis);
    ident(attribute.first()).as_deref() == Some("cfg")
        && inside.is_some_and(|inside| ident(inside.first()).as_deref() == Some("test") && inside.len() == 1)
}

/// Every path that the tokens write, such as `std::fs::read`; the trees of `use` are spread out.
pub fn paths(tokens: &[TokenTree]) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    spread(tokens, &[], &mut out);
    out
}

fn spread(tokens: &[TokenTree], prefix: &[String], out: &mut Vec<Vec<String>>) {
    let mut at = 0;
    while at < tokens.len() {
        let in_use_tree = !prefix.is_empty();
        let Some(first) = ident(tokens.get(at)) else {
            if in_use_tree && is_punct(tokens.get(at), '*') {
                out.push([prefix, &["*".to_owned()]].concat());
            } else if let Some(TokenTree::Group(group)) = tokens.get(at) {
                spread(&group.stream().into_iter().collect::<Vec<_>>(), &[], out);
            }
            at += 1;
            continue;
        };
        let mut path = [prefix, &[first]].concat();
        at += 1;
        while is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':') {
            let next = tokens.get(at + 2);
            if let Some(segment) = ident(next) {
                path.push(segment);
            } else if is_punct(next, '*') {
                path.push("*".to_owned());
            } else if let Some(tree) = group(next, Delimiter::Brace) {
                spread(&tree, &path, out);
                path.clear();
            } else {
                at += 2;
                break;
            }
            at += 3;
        }
        if !path.is_empty() {
            out.push(path);
        }
        if in_use_tree && ident(tokens.get(at)).as_deref() == Some("as") {
            at += 2;
        }
    }
}

/// The text of every string literal, as it is written.
pub fn strings(tokens: &[TokenTree]) -> Vec<String> {
    let mut out = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Literal(literal) if literal.to_string().contains('"') => out.push(literal.to_string()),
            TokenTree::Group(group) => out.extend(strings(&group.stream().into_iter().collect::<Vec<_>>())),
            _ => {}
        }
    }
    out
}

/// The tokens without attributes: doc comments are attributes, and they may name what the code may not.
pub fn without_attributes(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(Some(&token), '#') {
            tokens.next_if(|it| is_punct(Some(it), '!'));
            if tokens.next_if(|it| group(Some(it), Delimiter::Bracket).is_some()).is_some() {
                continue;
            }
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                let inside = without_attributes(group.stream().into_iter().collect());
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inside.into_iter().collect()))
            }
            other => other,
        });
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        paths(&parse(text)).into_iter().map(|path| path.join("::")).filter(|path| path.contains("::")).collect()
    }

    #[test]
    fn paths_are_found_wherever_they_are_written() {
        let uses = "use crate::{aws, kube::{Cluster as C, *}}; pub(crate) use super::super::loki::X;";
        let expected = ["crate::aws", "crate::kube::Cluster", "crate::kube::*", "super::super::loki::X"];
        assert_eq!(found(uses), expected);
        assert_eq!(found("fn f() { json!({ a: [::std::env::var(\"crate::no\")] }) } // crate::no"), ["std::env::var"]);
        assert_eq!(found("let x = Vec::<crate::aws::Role>::new;"), ["crate::aws::Role"]);
    }

    #[test]
    fn unit_tests_do_not_count() {
        let text =
            "use a::b; #[cfg(test)] mod tests { use c::d; } #[cfg(test)] mod t; #[cfg(unix)] mod u { use e::f; }";
        let kept = paths(&without_tests(parse(text)));
        let kept: Vec<_> = kept.into_iter().map(|path| path.join("::")).filter(|it| it.contains("::")).collect();
        assert_eq!(kept, ["a::b", "e::f"]);
    }

    #[test]
    fn documentation_is_no_string_of_the_code() {
        let text = "//! \"loki_a\"\n/// `loki_b`\nfn f() { /* loki_c */ g(\"loki_d\") }";
        assert_eq!(strings(&without_attributes(parse(text))), ["\"loki_d\""]);
    }
}
