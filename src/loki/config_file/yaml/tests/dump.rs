//! The dump of tests/support/yaml/read.go, which visits each node as often as that does.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::{Document, Node, NodeId, NodeKind, Resolved, Walk, asks_no_type, parse, resolve};

/// A text as the real one's judge shows it.
pub fn read(text: &str) -> String {
    let document = match parse(text) {
        Ok(document) => document,
        Err(error) => return format!("error: {}", error.text),
    };
    let mut dump = Dump { document: &document, walk: Walk::default(), keys: 0 };
    match document.root.map_or_else(|| Ok(String::new()), |root| dump.value(root, false)) {
        Ok(text) => shown(&text),
        Err(error) => format!("error: {error}"),
    }
}

struct Dump<'a> {
    document: &'a Document,
    walk: Walk,
    keys: usize,
}

impl Dump<'_> {
    /// A node that is decoded into the judge's type.
    fn value(&mut self, id: NodeId, is_key: bool) -> Result<String, String> {
        self.walk.visit()?;
        let node = self.document.get(id);
        if let Some(target) = node.alias {
            self.walk.enter(id, node)?;
            let text = self.value(target, is_key);
            self.walk.leave(id);
            return text;
        }
        if asks_no_type(node) {
            return Ok(match resolve(node)? {
                Resolved::Null => String::new(),
                _ => node.value.clone(),
            });
        }
        let number = if is_key {
            self.keys += 1;
            format!("{:09}|", self.keys)
        } else {
            String::new()
        };
        Ok(number + &self.unmarshal(node)?)
    }

    fn unmarshal(&mut self, node: &Node) -> Result<String, String> {
        let line = node.mark.line;
        self.walk.visit()?;
        match node.kind {
            NodeKind::Mapping => {
                let mut pairs = BTreeMap::new();
                self.pairs(node, &mut pairs)?;
                let mut out = format!("{line}{{");
                for (key, value) in pairs {
                    let key = key.split_once('|').map_or(key.as_str(), |(_, key)| key);
                    let _ = write!(out, "{}: {}, ", shown(key), shown(&value));
                }
                Ok(out + "}")
            }
            NodeKind::Sequence => {
                self.walk.visit()?;
                let mut items = Vec::new();
                for child in &node.children {
                    items.push(shown(&self.value(*child, false)?));
                }
                Ok(format!("{line}[{}]", items.join(" ")))
            }
            _ => self.scalar(node),
        }
    }

    fn scalar(&mut self, node: &Node) -> Result<String, String> {
        let scalar = resolve(node)?;
        let mut tag = scalar.tag(node).into_owned();
        if matches!(tag.as_str(), "!!map" | "!!seq") {
            // decode.go, terror, shows the value without quotes; where there is none, the judge tries a collection.
            tag.push_str(&node.value);
            if node.value.is_empty() {
                self.walk.visit()?;
            }
        }
        let place = match scalar {
            Resolved::Null => "?".to_owned(),
            _ => format!("{} {}", node.mark.line, tag.split(" `").next().unwrap_or_default()),
        };
        self.walk.visit()?;
        let text = match scalar {
            Resolved::Null => return Ok(format!("{place}=<nil>")),
            Resolved::Bool(value) => return Ok(format!("{place}={value}")),
            Resolved::Int(value) => return Ok(format!("{place}={value}")),
            Resolved::Float(value) if value.is_nan() => return Ok(format!("{place}=nan")),
            Resolved::Float(value) => return Ok(format!("{place}={:x}", value.to_bits())),
            Resolved::Text | Resolved::Timestamp | Resolved::Merge | Resolved::Other => node.value.clone().into_bytes(),
            Resolved::Binary(bytes) => bytes,
        };
        Ok(format!("{place}{}", quote(&text)))
    }

    /// decode.go, mapping, into a map of the judge's type.
    fn pairs(&mut self, node: &Node, out: &mut BTreeMap<String, String>) -> Result<(), String> {
        self.walk.visit()?;
        for (key, value) in node.pairs() {
            if self.document.get(key).is_merge() {
                self.merge(value, out)?;
            } else {
                let key = self.value(key, true)?;
                let value = self.value(value, false)?;
                out.insert(key, value);
            }
        }
        Ok(())
    }

    fn merge(&mut self, id: NodeId, out: &mut BTreeMap<String, String>) -> Result<(), String> {
        let node = self.document.get(id);
        let is_mapping = |id: NodeId| self.document.get(self.document.behind(id)).kind == NodeKind::Mapping;
        let refused = || Err("yaml: map merge requires map or sequence of maps as the value".to_owned());
        match node.kind {
            NodeKind::Sequence => {
                for item in node.children.iter().rev() {
                    if !is_mapping(*item) {
                        return refused();
                    }
                    self.merged(*item, out)?;
                }
                Ok(())
            }
            _ if is_mapping(id) => self.merged(id, out),
            _ => refused(),
        }
    }

    fn merged(&mut self, id: NodeId, out: &mut BTreeMap<String, String>) -> Result<(), String> {
        let node = self.document.get(id);
        let Some(target) = node.alias else { return self.pairs(node, out) };
        self.walk.visit()?;
        self.walk.enter(id, node)?;
        self.pairs(self.document.get(target), out)?;
        self.walk.leave(id);
        Ok(())
    }
}

fn shown(text: &str) -> String {
    match text {
        "" => "~".to_owned(),
        "null" | "~" => format!("'{text}'"),
        _ => text.to_owned(),
    }
}

/// Go's strconv.QuoteToASCII.
fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\x07' => out.push_str("\\a"),
                '\x08' => out.push_str("\\b"),
                '\x0C' => out.push_str("\\f"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\x0B' => out.push_str("\\v"),
                '\0'..='\x1F' | '\x7F' => {
                    let _ = write!(out, "\\x{:02x}", u32::from(character));
                }
                ' '..='~' => out.push(character),
                _ if u32::from(character) < 0x1_0000 => {
                    let _ = write!(out, "\\u{:04x}", u32::from(character));
                }
                _ => {
                    let _ = write!(out, "\\U{:08x}", u32::from(character));
                }
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
    out
}
