use std::collections::BTreeMap;

use super::expand;

#[derive(serde::Deserialize)]
struct Line {
    #[serde(default)]
    expand: String,
    is: String,
}

/// Those of tests/support/yaml/main.go.
pub fn variables() -> BTreeMap<String, String> {
    let known = [
        ("A", "value"),
        ("B", ""),
        ("PATH_OF", "/var/lib/loki/chunks"),
        ("N", "3"),
        ("é", "ÀÉîø"),
        ("GO", "*.tar.gz"),
        ("LINES", "a: 1\nb: 2"),
    ];
    known.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A text as the real one's judge shows it.
pub fn shown(text: &str) -> String {
    match expand(text, &variables()) {
        Ok(text) => format!("text: {text}"),
        Err(error) if error.starts_with("yaml: ") => "broken".to_owned(),
        Err(error) if error.starts_with("runtime error") => format!("panic: {error}"),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn texts_expand_as_the_real_one_says() {
    let lines = include_str!("../../../../tests/support/yaml/vectors.jsonl").lines();
    let lines: Vec<Line> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut count = 0;
    let mut wrong = Vec::new();
    for line in lines.iter().filter(|line| !line.expand.is_empty()) {
        count += 1;
        let found = shown(&line.expand);
        if found != line.is {
            wrong.push(format!("{:?}\n  is   {:?}\n  here {found:?}", line.expand, line.is));
        }
    }
    assert!(count > 150, "{count} texts");
    assert!(wrong.is_empty(), "{} of {count} texts\n{}", wrong.len(), wrong.join("\n"));
}
