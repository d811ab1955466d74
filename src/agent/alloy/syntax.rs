//! Alloy's syntax, written (<https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/>).

use std::collections::BTreeMap;
use std::fmt::Write;

/// A block with attributes and further blocks.
#[derive(Clone, Debug)]
pub struct Block {
    name: String,
    label: String,
    body: Vec<Statement>,
}

#[derive(Clone, Debug)]
enum Statement {
    Attribute(String, Expr),
    Block(Block),
}

/// A value.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A text.
    Text(String),
    /// An expression as it is written: references, numbers, calls.
    Raw(String),
    /// A list.
    List(Vec<Expr>),
    /// A map of texts.
    Map(BTreeMap<String, String>),
}

/// A block without anything in it; without a label where that is empty.
pub fn block(name: &str, label: &str) -> Block {
    Block { name: name.to_owned(), label: label.to_owned(), body: Vec::new() }
}

/// A text.
pub fn text(text: &str) -> Expr {
    Expr::Text(text.to_owned())
}

/// An expression as it is written.
pub fn refer(expression: &str) -> Expr {
    Expr::Raw(expression.to_owned())
}

/// A map of texts.
pub fn map(map: &BTreeMap<String, String>) -> Expr {
    Expr::Map(map.clone())
}

impl Block {
    /// With an attribute.
    pub fn set(mut self, name: &str, value: Expr) -> Self {
        self.body.push(Statement::Attribute(name.to_owned(), value));
        self
    }

    /// With an attribute where there is a value.
    pub fn set_some(self, name: &str, value: Option<Expr>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// With an attribute where the condition holds.
    pub fn set_if(self, holds: bool, name: &str, value: impl FnOnce() -> Expr) -> Self {
        if holds { self.set(name, value()) } else { self }
    }

    /// With a block where there is one.
    pub fn with(mut self, block: Option<Block>) -> Self {
        self.body.extend(block.map(Statement::Block));
        self
    }
}

/// The text of a file.
pub fn print(blocks: &[Block]) -> String {
    let mut out = String::new();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        print_block(&mut out, block, 0);
    }
    out
}

fn print_block(out: &mut String, block: &Block, depth: usize) {
    let indent = "\t".repeat(depth);
    let label = if block.label.is_empty() { String::new() } else { format!(" {}", quoted(&block.label)) };
    if block.body.is_empty() {
        let _ = writeln!(out, "{indent}{}{label} {{ }}", block.name);
        return;
    }
    let _ = writeln!(out, "{indent}{}{label} {{", block.name);
    for statement in &block.body {
        match statement {
            Statement::Attribute(name, value) => {
                let _ = writeln!(out, "{indent}\t{name} = {}", print_expr(value, depth + 1));
            }
            Statement::Block(block) => print_block(out, block, depth + 1),
        }
    }
    let _ = writeln!(out, "{indent}}}");
}

fn print_expr(value: &Expr, depth: usize) -> String {
    match value {
        Expr::Text(text) => quoted(text),
        Expr::Raw(raw) => raw.clone(),
        Expr::List(items) => {
            let items: Vec<_> = items.iter().map(|item| print_expr(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Expr::Map(map) if map.is_empty() => "{ }".to_owned(),
        Expr::Map(map) => {
            let indent = "\t".repeat(depth);
            let entries: String =
                map.iter().map(|(key, value)| format!("{indent}\t{} = {},\n", quoted(key), quoted(value))).collect();
            format!("{{\n{entries}{indent}}}")
        }
    }
}

/// A text as Alloy reads it: Go's interpreted strings.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_read_as_alloy_formats_them() {
        let inner = block("rule", "").set("regex", text("a\"\\d")).set_some("action", None);
        let outer = block("discovery.relabel", "pods")
            .set("targets", refer("x.y"))
            .set_if(false, "no", || text("a"))
            .with(Some(inner))
            .with(Some(block("stage.cri", "")))
            .set("labels", map(&[("a".to_owned(), "b".to_owned())].into()));
        let expected = "discovery.relabel \"pods\" {\n\ttargets = x.y\n\trule {\n\t\tregex = \"a\\\"\\\\d\"\n\t}\n\
                        \tstage.cri { }\n\tlabels = {\n\t\t\"a\" = \"b\",\n\t}\n}\n";
        assert_eq!(print(&[outer]), expected);
        assert_eq!(quoted("\u{1}\n"), "\"\\u0001\\n\"");
    }
}
