//! The page of all diagnostics, read from where the sources make them: `summary!` and the texts beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use loki_provider::summary::id;
use proc_macro2::{Delimiter, TokenTree};

use crate::source::{files, group, ident, is_punct, parse, short, without_tests};

pub const PAGE: &str = "docs/guides/errors.md";

const INTRO: &str = r#"---
page_title: "Errors and warnings"
subcategory: ""
description: |-
  Every error and warning of the provider, by the anchor that ends its message: what happened, why, and what to do.
---

# Errors and warnings

Each error and warning ends with a link to its place on this page. A message says what is wrong, at which attribute, why,
and what to do; what stands here is the same without the values of your configuration, which are shown as `…`. Search the
page for the words of a message, or go by the resource:
"#;

/// How to read it, below the list of sections.
const READING: &str = r#"## How to read a message

- **Errors of `terraform plan`** change nothing and cost nothing: mend the configuration, or what it relies on.
- **Errors of `terraform apply`** leave in the state whatever was created. Mend the cause and apply again: it goes on from
  there. What it says of a pod (its last events and log lines) was read at that moment.
- **Warnings of a plan** are ill health, or a known trap. Nothing is stopped by them. A `check` block with the data source
  [`loki_health`](../data-sources/health.md) makes ill health an answer that HCP Terraform shows and tells.
- **What AWS or the cluster answered** is repeated with its code, its request and the permission that was missing. The
  guide to [permissions](permissions.md) has the whole lists.
- **"The provider made an error of its own"** is a defect: please report it with the output of `TF_LOG=debug`, which holds no
  secrets."#;

/// Sections, and the beginnings of the paths of the files that they are of; the first that fits.
const SECTIONS: [(&str, &[&str]); 5] = [
    ("The bucket", &["src/resource/bucket_storage", "src/resource/loki_bucket_usage"]),
    ("The role", &["src/resource/irsa_role", "src/resource/loki_eks_cluster", "src/iam"]),
    ("The log agent", &["src/resource/log_agent", "src/agent"]),
    ("The stack", &["src/loki", "src/resource/loki_"]),
    ("Any of them, and the provider block", &[""]),
];

/// What the sources say beside one summary.
#[derive(Debug, Default)]
pub struct Entry {
    /// As they are written, with `…` for what is put in.
    pub summaries: BTreeSet<String>,
    pub reasons: BTreeSet<String>,
    pub remedies: BTreeSet<String>,
    pub files: BTreeSet<String>,
}

/// Every diagnostic by its id.
pub fn entries(root: &Path) -> BTreeMap<String, Entry> {
    let mut found = BTreeMap::new();
    for path in files(&root.join("src"), ".rs") {
        let file = short(&path);
        // The macro itself, and unit tests in files of their own.
        if file == "src/summary.rs" || file.ends_with("tests.rs") || file.contains("/tests/") {
            continue;
        }
        walk(&without_tests(parse(&std::fs::read_to_string(&path).unwrap())), &file, &mut found);
    }
    found
}

fn walk(tokens: &[TokenTree], file: &str, found: &mut BTreeMap<String, Entry>) {
    for (index, token) in tokens.iter().enumerate() {
        if let Some(template) = summary(&tokens[index..]) {
            // A finding, or the arguments of a helper: the reason stands behind it, and then the remedy.
            note(found, file, &template, &sentences(&tokens[index + 3..]));
        }
        let is_new = ident(Some(token)).as_deref() == Some("new");
        let inside = group(tokens.get(index + 1), Delimiter::Parenthesis).filter(|_| is_new);
        if let Some(template) = inside.and_then(|inside| summary(&inside)) {
            let chain = chained(&tokens[index + 2..]);
            let of = |method: &'static str| {
                chain.iter().filter(move |(name, _)| name == method).flat_map(|(_, it)| it.clone())
            };
            let entry = note(found, file, &template, &[]);
            entry.reasons.extend(of("why"));
            entry.remedies.extend(of("fix"));
        }
        if let TokenTree::Group(group) = token {
            walk(&group.stream().into_iter().collect::<Vec<_>>(), file, found);
        }
    }
}

fn note<'a>(
    found: &'a mut BTreeMap<String, Entry>,
    file: &str,
    template: &str,
    texts: &[Vec<String>],
) -> &'a mut Entry {
    let entry = found.entry(id(template)).or_default();
    entry.summaries.insert(shown(template));
    entry.files.insert(file.to_owned());
    if let [reasons, remedies @ ..] = texts {
        entry.reasons.extend(reasons.iter().cloned());
        entry.remedies.extend(remedies.last().into_iter().flatten().cloned());
    }
    entry
}

/// The format string, where the tokens begin with `summary!("…")`.
fn summary(tokens: &[TokenTree]) -> Option<String> {
    let called = ident(tokens.first()).as_deref() == Some("summary") && is_punct(tokens.get(1), '!');
    let inside = group(tokens.get(2), Delimiter::Parenthesis).filter(|_| called)?;
    text(inside.first()?)
}

/// The sentences in each of the arguments that follow, up to the end of the call.
fn sentences(rest: &[TokenTree]) -> Vec<Vec<String>> {
    let arguments = rest.split(|token| is_punct(Some(token), ','));
    arguments.skip(1).map(texts).filter(|texts| !texts.is_empty()).take(2).collect()
}

/// The methods called one on the other, each with the sentences that it is given.
fn chained(mut rest: &[TokenTree]) -> Vec<(String, Vec<String>)> {
    let mut calls = Vec::new();
    while let [dot, name, arguments, others @ ..] = rest {
        let (Some(name), Some(inside)) = (ident(Some(name)), group(Some(arguments), Delimiter::Parenthesis)) else {
            break;
        };
        if !is_punct(Some(dot), '.') {
            break;
        }
        calls.push((name, texts(&inside)));
        rest = others;
    }
    calls
}

/// The string literals that are sentences, however deep they stand.
fn texts(tokens: &[TokenTree]) -> Vec<String> {
    let of = |token: &TokenTree| match token {
        TokenTree::Group(group) => texts(&group.stream().into_iter().collect::<Vec<_>>()),
        token => text(token).map(|it| shown(&it)).filter(|it| is_sentence(it)).into_iter().collect(),
    };
    tokens.iter().flat_map(of).collect()
}

fn is_sentence(text: &str) -> bool {
    let word = |word: &&str| word.chars().any(char::is_alphabetic);
    text.split_whitespace().filter(word).count() >= 3 && text.ends_with(['.', '?', '…'])
}

/// The value of a string literal.
fn text(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let written = literal.to_string();
    let inside = written.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            // A line that goes on in the next one.
            ('\\', Some('\n')) => while letters.next_if(|it| it.is_whitespace()).is_some() {},
            ('\\', Some('n')) => {
                letters.next();
                text.push(' ');
            }
            ('\\', Some(_)) => text.extend(letters.next()),
            _ => text.push(letter),
        }
    }
    Some(text)
}

/// A format string with `…` for its placeholders.
fn shown(template: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_u32;
    let escaped = template.replace("{{", "\u{1}").replace("}}", "\u{2}");
    for letter in escaped.chars() {
        match letter {
            '{' => {
                depth += 1;
                text.push('…');
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            '\u{1}' => text.push('{'),
            '\u{2}' => text.push('}'),
            letter => text.push(letter),
        }
    }
    text
}

/// The page.
pub fn page(entries: &BTreeMap<String, Entry>) -> String {
    let section_of = |entry: &Entry| {
        let is_of =
            |beginnings: &[&str]| beginnings.iter().any(|it| entry.files.iter().any(|file| file.starts_with(it)));
        SECTIONS.iter().position(|(_, beginnings)| is_of(beginnings)).expect("the last takes all")
    };
    let anchor = |title: &str| title.to_lowercase().replace(',', "").replace(' ', "-");
    let list = SECTIONS.iter().map(|(title, _)| format!("- [{title}](#{})", anchor(title)));
    let mut parts = vec![INTRO.trim_end().to_owned(), list.collect::<Vec<_>>().join("\n"), READING.to_owned()];
    for (at, (title, _)) in SECTIONS.iter().enumerate() {
        parts.push(format!("## {title}"));
        for (id, entry) in entries.iter().filter(|(_, entry)| section_of(entry) == at) {
            parts.push(format!("### {id}"));
            parts.extend(entry.summaries.iter().map(|it| format!("**{}**", escape(it))));
            parts.push(paragraph(
                &entry.reasons,
                "The reason is in the message: the rule that is broken, or what AWS, the cluster or Loki answered.",
            ));
            parts.extend(
                (!entry.remedies.is_empty()).then(|| format!("What to do: {}", paragraph(&entry.remedies, ""))),
            );
        }
    }
    let mut page = parts.join("\n\n");
    page.push('\n');
    page
}

/// One text as it is, several as a list.
fn paragraph(texts: &BTreeSet<String>, none: &str) -> String {
    match texts.len() {
        0 => none.to_owned(),
        1 => texts.iter().map(|it| escape(it)).collect(),
        _ => texts.iter().map(|it| format!("\n- {}", escape(it))).collect::<String>().trim_start().to_owned(),
    }
}

/// Markdown would take these for marks.
fn escape(text: &str) -> String {
    text.replace('*', "\\*").replace('<', "&lt;").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> BTreeMap<String, Entry> {
        let mut found = BTreeMap::new();
        walk(&parse(source), "src/loki/x.rs", &mut found);
        found
    }

    #[test]
    fn a_finding_and_a_problem_are_read_with_their_texts() {
        let found = found(
            r#"
            findings.push(Finding::error(
                summary!("The label {label:?} is empty"),
                format!("Loki leaves out {count} \
                         labels."),
                "Give it a value.",
            ).under(at));
            report.refuse(Problem::new(summary!("No name")).at(at("name")).why("IAM wants a name.").fix("Write one down."));
            refuse("path", summary!("No path"), why);
            "#,
        );
        let entry = &found["the-label-is-empty"];
        assert!(
            entry.summaries.contains("The label … is empty") && entry.reasons.contains("Loki leaves out … labels.")
        );
        assert!(entry.remedies.contains("Give it a value."), "{entry:?}");
        let entry = &found["no-name"];
        assert!(entry.reasons.contains("IAM wants a name.") && entry.remedies.contains("Write one down."), "{entry:?}");
        assert!(found["no-path"].reasons.is_empty());
        let page = page(&found);
        assert!(
            page.contains("### the-label-is-empty\n\n**The label … is empty**\n\nLoki leaves out … labels.\n\nWhat")
        );
    }
}
