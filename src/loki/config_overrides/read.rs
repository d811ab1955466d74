//! Overrides as they are given: an object, or YAML text of one.

use serde_json::{Map, Number, Value};

use crate::loki::config_file::yaml::{self, Document, NodeId, NodeKind, Resolved};
use crate::loki::finding::Finding;
use crate::loki::json::with_integers;
use crate::summary::Summary;

/// More than any configuration has; anchors can multiply a small text without end.
const MOST_VALUES: usize = 100_000;
const DEEPEST: usize = 100;

/// The overrides as an object, or null where there are none. Text is read as YAML as Loki's library reads it, of which
/// JSON is a part.
///
/// # Errors
/// What is neither, at `config_overrides`.
pub fn read(given: &Value) -> Result<Value, Box<Finding>> {
    let read = match given {
        Value::String(text) => of_yaml(text),
        other => Ok(other.clone()),
    };
    let refused = |summary: Summary, why: String| {
        let fix =
            "Write an object such as { querier = { max_concurrent = 8 } }, or YAML text of one, by yamlencode or file.";
        Box::new(Finding::error(summary, why, fix).at("config_overrides"))
    };
    match read {
        Ok(value @ (Value::Object(_) | Value::Null)) => Ok(with_integers(value)),
        Ok(_) => Err(refused(
            summary!("config_overrides is no object"),
            "What is merged over the configuration file has the file's sections as its keys.".to_owned(),
        )),
        Err(why) => Err(refused(summary!("config_overrides is no YAML"), why)),
    }
}

fn of_yaml(text: &str) -> Result<Value, String> {
    let document = yaml::parse(text).map_err(|error| format!("Loki's library says: {}.", error.text))?;
    let mut reader = Reader { document: &document, left: MOST_VALUES };
    document.root.map_or(Ok(Value::Null), |root| reader.value(root, 0))
}

struct Reader<'a> {
    document: &'a Document,
    left: usize,
}

impl Reader<'_> {
    fn value(&mut self, id: NodeId, depth: usize) -> Result<Value, String> {
        self.left = self.left.checked_sub(1).ok_or("It has more values than any configuration.")?;
        if depth > DEEPEST {
            return Err("It is nested more deeply than any configuration.".to_owned());
        }
        let node = self.document.get(id);
        match node.kind {
            NodeKind::Alias => node.alias.map_or(Ok(Value::Null), |target| self.value(target, depth + 1)),
            NodeKind::Sequence => node.children.iter().map(|item| self.value(*item, depth + 1)).collect(),
            NodeKind::Mapping => self.mapping(id, depth),
            NodeKind::Scalar => Ok(match yaml::resolve(node)? {
                Resolved::Null => Value::Null,
                Resolved::Bool(value) => value.into(),
                Resolved::Int(value) => match (i64::try_from(value), u64::try_from(value)) {
                    (Ok(value), _) => value.into(),
                    (_, Ok(value)) => value.into(),
                    _ => node.value.as_str().into(),
                },
                Resolved::Float(value) => Number::from_f64(value).map_or(node.value.as_str().into(), Value::Number),
                Resolved::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
                Resolved::Timestamp | Resolved::Text | Resolved::Merge | Resolved::Other => node.value.as_str().into(),
            }),
        }
    }

    fn mapping(&mut self, id: NodeId, depth: usize) -> Result<Value, String> {
        let (mut own, mut merged) = (Map::new(), Map::new());
        for pair in self.document.get(id).children.chunks_exact(2) {
            let &[key, value] = pair else { continue };
            let key = self.document.get(key);
            let line = key.mark.line;
            if key.kind != NodeKind::Scalar {
                return Err(format!("Line {line}: a key is no text."));
            }
            let value = self.value(value, depth + 1)?;
            if key.implicit && key.value == "<<" {
                merge_in(&mut merged, value);
            } else if own.insert(key.value.clone(), value).is_some() {
                return Err(format!("Line {line}: the key {:?} is there twice.", key.value));
            }
        }
        // Keys of its own win over merged ones, wherever they stand.
        merged.extend(own);
        Ok(merged.into())
    }
}

/// The value of `<<`: a map, or a list of them, of which earlier ones win.
fn merge_in(merged: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                merged.entry(key).or_insert(value);
            }
        }
        Value::Array(maps) => maps.into_iter().for_each(|map| merge_in(merged, map)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_and_its_yaml_and_json_are_the_same() {
        let object =
            json!({"querier": {"max_concurrent": 8.0, "engine": {"max_look_back_period": "30s"}}, "a": [true, null]});
        let expected =
            json!({"querier": {"max_concurrent": 8, "engine": {"max_look_back_period": "30s"}}, "a": [true, null]});
        assert_eq!(read(&object).unwrap(), expected);
        assert_eq!(read(&object.to_string().into()).unwrap(), expected);
        let yaml = "querier:\n  max_concurrent: 8\n  engine: {max_look_back_period: 30s}\na: [yes, ~]\n";
        assert_eq!(read(&yaml.into()).unwrap(), expected);
        assert_eq!(read(&"".into()).unwrap(), Value::Null);
        assert_eq!(read(&Value::Null).unwrap(), Value::Null);
    }

    #[test]
    fn anchors_and_merges_are_followed() {
        let yaml = "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nd: 2024-04-01\n";
        assert_eq!(
            read(&yaml.into()).unwrap(),
            json!({"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}, "d": "2024-04-01"})
        );
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for wrong in [json!([1]), json!(1), json!("- 1"), json!("a: b: c"), json!("a: 1\na: 2"), json!("text")] {
            assert_eq!(read(&wrong).unwrap_err().path_text(), "config_overrides", "{wrong}");
        }
        let bomb: String = (0..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n.max(1) - 1)).collect();
        assert!(
            read(&format!("a0: &a0 [x]\n{}", &bomb[bomb.find("a1").unwrap()..]).into())
                .unwrap_err()
                .why
                .contains("more")
        );
        assert!(read(&"[".repeat(5000).into()).is_err());
    }
}
