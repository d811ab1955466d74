//! Alloy's syntax, read (<https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/syntax/>): blocks,
//! attributes and expressions; that components have labels of their own, and that references lead to one.

mod expression;
mod lexer;

use std::collections::BTreeSet;

use self::lexer::{Kind, Lexer, Token};

/// Blocks of a file that are no components, and have no label.
const SINGLE: [&str; 10] = [
    "logging",
    "tracing",
    "http",
    "remotecfg",
    "livedebugging",
    "foreach",
    "declare",
    "argument",
    "export",
    "import.file",
];
/// The namespaces of components, by which a reference to one is known.
const NAMESPACES: [&str; 12] = [
    "loki",
    "discovery",
    "local",
    "remote",
    "prometheus",
    "otelcol",
    "mimir",
    "pyroscope",
    "faro",
    "beyla",
    "database_observability",
    "import",
];

/// A block.
#[derive(Debug)]
struct Block {
    name: String,
    label: Option<String>,
    line: usize,
}

/// What a file has.
#[derive(Default)]
struct Found {
    /// Of the outermost level alone.
    blocks: Vec<Block>,
    /// Names with dots, by the line.
    references: Vec<(String, usize)>,
}

/// What is wrong with a file, in one sentence each.
pub fn judge(text: &str) -> Vec<String> {
    let found = match read(text) {
        Ok(found) => found,
        Err(why) => return vec![why],
    };
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    for block in &found.blocks {
        let component = block.name.contains('.') && !SINGLE.contains(&block.name.as_str());
        let Some(label) = &block.label else {
            if component {
                wrong.push(format!("Line {}: the component {} has no label.", block.line, block.name));
            } else if !names.insert(block.name.clone()) && SINGLE.contains(&block.name.as_str()) {
                wrong.push(format!("Line {}: there is a second block {}.", block.line, block.name));
            }
            continue;
        };
        if !component && !SINGLE.contains(&block.name.as_str()) {
            wrong.push(format!("Line {}: there is no component {:?}.", block.line, block.name));
        }
        if !names.insert(format!("{}.{label}", block.name)) {
            wrong.push(format!("Line {}: there is a second {} {label:?}.", block.line, block.name));
        }
    }
    for (reference, line) in &found.references {
        let first = reference.split('.').next().unwrap_or_default();
        let leads = names.iter().any(|name| reference == name || reference.starts_with(&format!("{name}.")));
        if NAMESPACES.contains(&first) && !leads {
            wrong.push(format!("Line {line}: {reference} leads to no component of the configuration."));
        }
    }
    wrong
}

fn read(text: &str) -> Result<Found, String> {
    let mut parser = Parser { lexer: Lexer::new(text)?, found: Found::default() };
    parser.body(true)?;
    Ok(parser.found)
}

struct Parser {
    lexer: Lexer,
    found: Found,
}

impl Parser {
    /// Statements, up to the end of the file or of the block.
    fn body(&mut self, outermost: bool) -> Result<(), String> {
        let mut attributes = BTreeSet::new();
        loop {
            self.lexer.skip_lines();
            let token = self.lexer.next();
            let name = match token.kind {
                Kind::End if outermost => return Ok(()),
                Kind::Sign('}') if !outermost => return Ok(()),
                Kind::Name(name) => name,
                _ => return Err(wrong(&token, "a block or an attribute")),
            };
            let mut full = name;
            while self.lexer.takes('.') {
                let part = self.lexer.next();
                let Kind::Name(more) = &part.kind else { return Err(wrong(&part, "the rest of a name")) };
                full = format!("{full}.{more}");
            }
            let next = self.lexer.next();
            match next.kind {
                Kind::Sign('=') => {
                    if full.contains('.') {
                        return Err(format!("Line {}: an attribute's name has no dots, as {full} does.", token.line));
                    }
                    if outermost {
                        return Err(format!("Line {}: the attribute {full} stands outside of any block.", token.line));
                    }
                    if !attributes.insert(full.clone()) {
                        return Err(format!("Line {}: the attribute {full} is set twice.", token.line));
                    }
                    expression::read(&mut self.lexer, &mut self.found.references)?;
                }
                Kind::Sign('{') => self.block(full, None, token.line, outermost)?,
                Kind::Text(label) => {
                    if !is_name(&label) {
                        return Err(format!(
                            "Line {}: {label:?} is no label: letters, digits and underscores.",
                            token.line
                        ));
                    }
                    let open = self.lexer.next();
                    if !matches!(open.kind, Kind::Sign('{')) {
                        return Err(wrong(&open, "{"));
                    }
                    self.block(full, Some(label), token.line, outermost)?;
                }
                _ => return Err(wrong(&next, "= or {")),
            }
            let end = self.lexer.peek();
            match end.kind {
                Kind::Line | Kind::End => {}
                Kind::Sign('}') if !outermost => {}
                _ => return Err(wrong(end, "the end of the line")),
            }
        }
    }

    fn block(&mut self, name: String, label: Option<String>, line: usize, outermost: bool) -> Result<(), String> {
        if outermost {
            self.found.blocks.push(Block { name, label, line });
        }
        self.body(false)
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// What stands where something else is wanted.
fn wrong(token: &Token, wanted: &str) -> String {
    format!("Line {}: {} stands where {wanted} is expected.", token.line, token.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
// A comment.
logging {
	level = "info"
}
loki.write "default" {
	endpoint {
		url = "http://a" + sys.env("B")
	}
	external_labels = {
		"a" = "b", c = `d`,
	}
	wal { enabled = true }
}
loki.process "x" {
	forward_to = [loki.write.default.receiver, /* none */]
	stage.cri { }
	stage.drop {
		expression = "^a\\d" /* x */
		n = -1.5e3 * (2 - x[0].y) >= 3 && !false
	}
}
"#;

    #[test]
    fn what_alloy_reads_is_read() {
        assert_eq!(judge(GOOD), [""; 0]);
        let more = |text: &str| judge(&format!("{GOOD}{text}"));
        assert_eq!(more("prometheus.exporter.self \"a\" { }"), [""; 0]);
        assert!(more("loki.write \"default\" { }")[0].contains("second loki.write \"default\""));
        assert!(
            more("loki.process \"y\" {\n\tforward_to = [loki.write.other.receiver]\n}")[0].contains("loki.write.other")
        );
        assert!(more("loki.echo { }")[0].contains("no label"));
        assert!(more("logging { }")[0].contains("second block logging"));
    }

    #[test]
    fn what_it_does_not_read_is_told_by_its_line() {
        for (text, part) in [
            ("a {", "Line 1: the end of the file"),
            ("a {\n\tb = \n}", "Line 2"),
            ("a {\n\tb = \"x\n}", "Line 2: the text has no end"),
            ("a { b = 1 c = 2 }", "the end of the line"),
            ("a = 1", "outside of any block"),
            ("a \"b-c\" { }", "no label"),
            ("a {\n b = 1\n b = 2\n}", "set twice"),
            ("a { b = [1, 2 }", "Line 1"),
            ("a { b = \"\\q\" }", "escape"),
            ("a { b.c = 1 }", "no dots"),
            ("}", "Line 1: }"),
        ] {
            let found = judge(text);
            assert!(found.len() == 1 && found[0].contains(part), "{text:?}: {found:?}");
        }
    }
}
