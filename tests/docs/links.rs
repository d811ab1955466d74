//! What the registry asks of pages, and whether every link leads to something that is there.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use crate::source::files;

/// The registry shows no page above this, in bytes, and takes no more pages than that in one version.
/// <https://developer.hashicorp.com/terraform/registry/providers/docs#storage-limits>
const LARGEST_PAGE: usize = 500_000;
const MOST_PAGES: usize = 2_000;
/// The registry's folders below `docs`.
const FOLDERS: [&str; 8] = [
    "resources",
    "data-sources",
    "ephemeral-resources",
    "functions",
    "list-resources",
    "actions",
    "guides",
    // Pictures, which pages show by their address in the repository.
    "images",
];
/// Pages of the registry show pictures, and lead out of `docs`, by these addresses alone.
const REPOSITORY: [&str; 3] = [
    "https://raw.githubusercontent.com/lokiops/terraform-provider-loki/main/",
    "https://github.com/lokiops/terraform-provider-loki/blob/main/",
    "https://github.com/lokiops/terraform-provider-loki/tree/main/",
];

/// Everything that is wrong with the pages below `root`.
pub fn troubles(root: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let texts: BTreeMap<PathBuf, String> = files(root, ".md")
        .into_iter()
        .map(|path| (path.strip_prefix(root).unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    let pages = || texts.iter().filter(|(path, _)| path.starts_with("docs"));
    if pages().count() > MOST_PAGES {
        wrong.push(format!("docs has more than {MOST_PAGES} pages"));
    }
    for (path, text) in pages() {
        wrong.extend(of_registry(path, text).into_iter().map(|what| format!("{}: {what}", path.display())));
    }
    for (path, text) in &texts {
        for link in links(text) {
            let what = broken(root, path, &link, &texts);
            wrong.extend(what.map(|what| format!("{}: {link} {what}", path.display())));
        }
    }
    wrong
}

fn of_registry(path: &Path, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let folder = path.parent().and_then(|it| it.file_name()).and_then(|it| it.to_str()).unwrap_or_default();
    // The registry passes over what stands beside the index.
    let beside = ["docs/index.md", "docs/benchmarks.md"].map(Path::new);
    if !beside.contains(&path) && !FOLDERS.contains(&folder) {
        wrong.push("is in no folder that the registry reads".to_owned());
    }
    if text.len() > LARGEST_PAGE {
        wrong.push(format!("has {} bytes; the registry takes {LARGEST_PAGE}", text.len()));
    }
    let Some((front, body)) = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")) else {
        wrong.push("has no front matter".to_owned());
        return wrong;
    };
    let value = |key: &str| front.lines().find_map(|line| line.strip_prefix(&format!("{key}:"))).map(str::trim);
    for key in ["page_title", "subcategory"] {
        match value(key) {
            None => wrong.push(format!("has no {key}")),
            Some(value) if !(value.len() >= 2 && value.starts_with('"') && value.ends_with('"')) => {
                wrong.push(format!("{key} is not in quotes"));
            }
            Some("\"\"") if key == "page_title" => wrong.push("page_title is empty".to_owned()),
            Some(_) => {}
        }
    }
    let described = front.split_once("\ndescription: |-\n").map(|(_, after)| after.lines().next().unwrap_or_default());
    if described.is_none_or(|it| !it.starts_with("  ") || it.trim().is_empty()) {
        wrong.push("has no description".to_owned());
    }
    for line in front.lines().filter(|line| !line.starts_with(' ')) {
        let key = line.split(':').next().unwrap_or_default();
        if !["page_title", "subcategory", "description"].contains(&key) {
            wrong.push(format!("the registry knows no {key}"));
        }
    }
    if headings(body).iter().filter(|(level, _)| *level == 1).count() != 1 {
        wrong.push("has not exactly one heading of the first level".to_owned());
    }
    wrong
}

/// What is wrong with a link, if anything.
fn broken(root: &Path, from: &Path, link: &str, texts: &BTreeMap<PathBuf, String>) -> Option<String> {
    let in_docs = from.starts_with("docs");
    let (link, ours) = match REPOSITORY.iter().find_map(|it| link.strip_prefix(it)) {
        Some(rest) => (format!("/{rest}"), true),
        None if link.contains("://") || link.starts_with("mailto:") => return None,
        None => (link.to_owned(), false),
    };
    let (path, anchor) = link.split_once('#').map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
    let target = match path {
        "" => from.to_owned(),
        _ if ours => PathBuf::from(path.trim_start_matches('/')),
        _ => normal(&from.parent().unwrap_or(Path::new("")).join(path)),
    };
    if in_docs && !ours && !target.starts_with("docs") {
        return Some("leads out of docs, where the registry has nothing".to_owned());
    }
    if !root.join(&target).exists() {
        return Some("leads to nothing".to_owned());
    }
    let anchors = texts.get(&target).map(|text| anchors(text));
    match (anchor, anchors) {
        (Some(anchor), Some(anchors)) if !anchors.iter().any(|it| it == anchor) => {
            Some(format!("names no heading of {}", target.display()))
        }
        _ => None,
    }
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

/// The lines outside blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence && !line.starts_with("    ")
    })
}

fn headings(text: &str) -> Vec<(usize, String)> {
    let of = |line: &str| {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        line[level..].strip_prefix(' ').filter(|_| level > 0).map(|it| (level, it.to_owned()))
    };
    prose(text).filter_map(of).collect()
}

/// The anchors of the headings, as GitHub and the registry make them.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    // Those that are written out as HTML.
    let mut all: Vec<String> =
        text.split("<a id=\"").skip(1).filter_map(|it| Some(it.split_once('"')?.0.to_owned())).collect();
    for (_, heading) in headings(text) {
        // [text](address): the text alone.
        let plain = heading.split("](").map(|part| part.split_once(')').map_or(part, |(_, rest)| rest));
        let plain = plain.collect::<String>().replace('[', "");
        let letters =
            plain.to_lowercase().chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it)).collect::<String>();
        let anchor = letters.replace(' ', "-");
        let times = seen.entry(anchor.clone()).or_default();
        all.push(if *times == 0 { anchor } else { format!("{anchor}-{times}") });
        *times += 1;
    }
    all
}

/// The targets of `[text](target)` and `![text](target)`, outside code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        // Every other part is inside of backticks.
        let outside = line.split('`').step_by(2).collect::<Vec<_>>().join("x");
        let mut rest = outside.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let target = after.split([')', ' ']).next().unwrap_or_default();
            found.push(target.to_owned());
            rest = after;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_anchors_are_read_as_markdown_has_them() {
        let text = "# A `b_c` [D](x.md)\n\nSee [it](a.md#x) and ![p](p.svg), `[no](code.md)`.\n\n```\n[no](fence.md)\n# none\n```\n\n## A\n## A\n";
        assert_eq!(links(text), ["x.md", "a.md#x", "p.svg"]);
        assert_eq!(anchors(text), ["a-b_c-d", "a", "a-1"]);
        assert_eq!(normal(Path::new("docs/guides/../resources/./stack.md")), Path::new("docs/resources/stack.md"));
    }

    #[test]
    fn what_the_registry_would_not_show_is_found() {
        let good = "---\npage_title: \"T\"\nsubcategory: \"\"\ndescription: |-\n  D.\n---\n\n# T\n";
        let at = |path: &str, text: &str| of_registry(Path::new(path), text);
        assert_eq!(at("docs/guides/x.md", good), Vec::<String>::new());
        assert!(at("docs/guide/x.md", good)[0].contains("no folder"));
        assert!(at("docs/guides/x.md", "# T\n")[0].contains("front matter"));
        assert!(at("docs/guides/x.md", &good.replace("  D.", ""))[0].contains("description"));
        assert!(at("docs/guides/x.md", &good.replace("\"T\"", "T"))[0].contains("quotes"));
        assert!(at("docs/guides/x.md", &good.replace("---\n\n", "layout: x\n---\n\n"))[0].contains("layout"));
        assert!(at("docs/guides/x.md", &good.replace("# T", "## T"))[0].contains("heading"));
        assert!(at("docs/guides/x.md", &(good.to_owned() + &"x".repeat(LARGEST_PAGE)))[0].contains("bytes"));
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let folder = std::env::temp_dir().join(format!("links-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("docs/guides")).unwrap();
        let page = |more: &str| {
            format!("---\npage_title: \"T\"\nsubcategory: \"\"\ndescription: |-\n  D.\n---\n\n# T\n\n{more}\n")
        };
        let links = "[a](b.md) [b](#t) [c](#u) [d](../../README.md) [e](x.md#t) [f](https://example.com)";
        std::fs::write(folder.join("docs/guides/x.md"), page(links)).unwrap();
        std::fs::write(folder.join("README.md"), "# R\n\n[x](docs/guides/x.md#t) [y](docs/guides/y.md)\n").unwrap();
        let found = troubles(&folder);
        std::fs::remove_dir_all(&folder).unwrap();
        let expected =
            ["README.md: docs/guides/y.md leads to nothing", "x.md: b.md", "x.md: #u names", "leads out of docs"];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        expected.iter().for_each(|it| assert!(found.iter().any(|found| found.contains(it)), "{it} in {found:?}"));
    }
}
