//! The guide to the phases and its picture, made of the table in `src/resource/phases.rs`.

use std::fmt::Write;

use crate::source::doc_table;

pub const PAGE: &str = "docs/guides/phases.md";
pub const PICTURE: &str = "docs/images/phases.svg";

const HEAD: &str = "| phase | command | method | call of the protocol | what it does | what it never does |";

/// A row of the table.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub phase: String,
    pub command: String,
    pub method: String,
    pub call: String,
    pub does: String,
    pub never: String,
}

/// The rows of the table in the module documentation of `source`.
pub fn table(source: &str) -> Vec<Row> {
    let row = |cells: Vec<String>| {
        let cells: Vec<_> = cells.iter().map(|it| it.replace('`', "")).collect();
        let [phase, command, method, call, does, never] = <[String; 6]>::try_from(cells).expect("six cells");
        Row { phase, command, method, call, does, never }
    };
    doc_table(source, HEAD).into_iter().map(row).collect()
}

const TEXT: &str = r#"---
page_title: "The phases: check, deploy, test"
subcategory: ""
description: |-
  What the provider does at terraform validate, plan, apply and refresh, and what it never does.
---

# The phases: check, deploy, test

A deployment pipeline checks, deploys and tests. Terraform has the same three moments for each resource, and this provider
uses them for it: **plan is the check**, **apply the deployment**, **reading the test**.

![Which command runs which phase](https://raw.githubusercontent.com/lokiops/terraform-provider-loki/main/docs/images/phases.svg)

TABLE

## What follows from it

- A plan that passes has looked at everything that can be looked at: what fails afterwards has changed in between, or shows
  only while it runs. Where a value is known only after apply, what hangs on it is checked then, before anything is changed.
- Each plan is a test of what runs. Ill health is a warning, so that it stops nobody who mends it; with a `check` block and the
  data source [`loki_health`](../data-sources/health.md) it is an answer that [HCP Terraform](hcp-terraform.md) shows and tells.
- An apply that was interrupted is gone on with by the next one. What exists is in the state, or bears a mark by which it is
  found again.
- Reading takes 10 seconds at most where nothing answers (`timeouts.read`), and all resources are read side by side.

## Deeper tests

Reading never writes to Loki. Three things do when they are asked: the end of each apply of a stack, the data source
[`loki_health`](../data-sources/health.md) with `deep = true`, and the action
[`loki_stack_test`](../actions/stack_test.md). They push one line and read it back.
"#;

/// The guide.
pub fn page(rows: &[Row]) -> String {
    let mut table = "| phase | command | what it does | what it never does |\n|---|---|---|---|".to_owned();
    for Row { phase, command, does, never, .. } in rows {
        let command = command.split(", ").map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
        write!(table, "\n| {phase} | {command} | {does} | {never} |").unwrap();
    }
    TEXT.replace("TABLE", &table)
}

const WIDTH: usize = 960;
const COLUMN: usize = 300;
const LINE: usize = 17;
/// Letters of the small font in a column.
const LETTERS: usize = 41;

/// The picture: a column for each phase, a box for each of its rows.
pub fn picture(rows: &[Row]) -> String {
    let mut columns: Vec<(&str, Vec<&Row>)> = Vec::new();
    for row in rows {
        match columns.last_mut() {
            Some((phase, of)) if *phase == row.phase => of.push(row),
            _ => columns.push((&row.phase, vec![row])),
        }
    }
    let mut body = String::new();
    let mut lowest = 0;
    for (at, (phase, of)) in columns.iter().enumerate() {
        let x = 15 + at * (COLUMN + 15);
        let hue = ["#1d6fb8", "#7a4fb5", "#2f8f4e"][at % 3];
        writeln!(body, r#"<rect x="{x}" y="15" width="{COLUMN}" height="40" rx="6" fill="{hue}"/>"#).unwrap();
        let middle = x + COLUMN / 2;
        writeln!(body, r##"<text x="{middle}" y="41" text-anchor="middle" class="phase">{phase}</text>"##).unwrap();
        let mut y = 70;
        for row in of {
            let does = wrapped(&row.does);
            let never = wrapped(&format!("never: {}", row.never));
            let height = 52 + LINE * (does.len() + never.len());
            writeln!(
                body,
                r#"<rect x="{x}" y="{y}" width="{COLUMN}" height="{height}" rx="6" class="box" stroke="{hue}"/>"#
            )
            .unwrap();
            let mut line = y + 22;
            let mut put = |class: &str, text: &str, down: usize| {
                writeln!(body, r#"<text x="{}" y="{line}" class="{class}">{}</text>"#, x + 12, escaped(text)).unwrap();
                line += down;
            };
            put("command", &format!("terraform {}", row.command), LINE);
            put("call", &row.call, LINE);
            does.iter().for_each(|it| put("text", it, LINE));
            never.iter().for_each(|it| put("never", it, LINE));
            y += height + 12;
        }
        lowest = lowest.max(y);
        if at + 1 < columns.len() {
            let (x, end) = (x + COLUMN, x + COLUMN + 15);
            writeln!(body, r#"<path d="M{x} 35 L{end} 35" class="arrow"/>"#).unwrap();
        }
    }
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="Helvetica, Arial, sans-serif">
<style>.phase{{fill:#fff;font-size:20px;font-weight:bold}}.box{{fill:#fff;stroke-width:1.5}}.command{{font:bold 13px monospace;fill:#111}}.call{{font:12px monospace;fill:#666}}.text{{font-size:12.5px;fill:#222}}.never{{font-size:12.5px;fill:#b3261e}}.arrow{{stroke:#444;stroke-width:3}}</style>
<rect width="{WIDTH}" height="{height}" fill="#f6f8fa"/>
{body}</svg>
"##,
        height = lowest + 5
    )
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is one");
        match last.len() + word.len() {
            _ if last.is_empty() => last.push_str(word),
            0..LETTERS => write!(last, " {word}").unwrap(),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// What the table says and the sources do not: methods that the trait lacks or the table leaves out, calls that the
/// protocol does not have.
pub fn untrue(rows: &[Row], source: &str, protocol: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in rows {
        if !source.contains(&format!("fn {}(", row.method)) {
            wrong.push(format!("there is no method {}", row.method));
        }
        if !protocol.contains(&format!("rpc {}(", row.call)) {
            wrong.push(format!("the protocol has no {}", row.call));
        }
    }
    // Whatever reports is a phase.
    for part in source.split("fn ").skip(1).filter(|part| part.split([';', '{']).next().unwrap().contains("report:")) {
        let name = part.split('(').next().unwrap_or_default();
        if !rows.iter().any(|row| row.method == name) {
            wrong.push(format!("the table has no {name}"));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_table_says_is_held_to_the_trait_and_the_protocol() {
        let source = "//! x\n//!\n//! | phase | command | method | call of the protocol | what it does | what it never does |\n//! |---|---|---|---|---|---|\n//! | check | `plan` | `check` | `Plan` | looks | writes |\n\nfn check(&self, report: &mut R);\nfn apply(&self, report: &mut R);\nfn id(&self);\n";
        let rows = table(source);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].command, "plan");
        assert_eq!(untrue(&rows, source, "rpc Plan(Request)"), ["the table has no apply"]);
        assert_eq!(untrue(&rows, "", "").len(), 2);
        assert!(page(&rows).contains("| check | `plan` | looks | writes |"));
        let picture = picture(&rows);
        assert!(picture.contains("terraform plan") && picture.contains("never: writes"));
        assert_eq!(wrapped(&"word ".repeat(12)).len(), 2);
    }
}
