//! The corpus: families of configurations, and what the real Loki said of each in every version.
//! `make corpus` asks it again (tests/lab/verify/corpus.py says how the files are laid out).

use std::collections::BTreeMap;
use std::path::Path;

/// One configuration.
pub struct Case {
    pub name: String,
    pub text: String,
    pub variables: Option<BTreeMap<String, String>>,
    /// The line of the only mistake, where one was made on purpose.
    pub line: Option<u32>,
    /// By minor version, Loki's words where it refuses.
    pub verdicts: BTreeMap<u32, Option<String>>,
}

pub fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/corpus");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut verdicts = verdicts(&std::fs::read_to_string(folder.join("verdicts.tsv")).unwrap());
    let mut cases = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "txt")) {
        let family = file.file_stem().unwrap().to_string_lossy().into_owned();
        for (header, text) in parts(&std::fs::read_to_string(file).unwrap()) {
            let mut fields = header.split('\t');
            let name = format!("{family}/{}", fields.next().unwrap());
            let mut case = Case { text, variables: None, line: None, verdicts: BTreeMap::new(), name };
            for field in fields {
                match field.split_once('=').unwrap() {
                    ("env", json) => case.variables = Some(serde_json::from_str(json).unwrap()),
                    ("line", line) => case.line = Some(line.parse().unwrap()),
                    (other, _) => panic!("{other} in the header of {}", case.name),
                }
            }
            case.verdicts = verdicts.remove(&case.name).unwrap_or_else(|| panic!("no verdict on {}", case.name));
            cases.push(case);
        }
    }
    assert!(verdicts.is_empty(), "verdicts on no case: {:?}", verdicts.keys());
    cases
}

fn parts(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match (line.strip_prefix("#=== "), parts.last_mut()) {
            (Some(header), _) => parts.push((header.trim_end_matches('\n').to_owned(), String::new())),
            (None, Some((_, body))) => body.push_str(line),
            (None, None) => panic!("a line before the first case: {line}"),
        }
    }
    parts
}

fn verdicts(text: &str) -> BTreeMap<String, BTreeMap<u32, Option<String>>> {
    let mut verdicts: BTreeMap<String, BTreeMap<u32, Option<String>>> = BTreeMap::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.splitn(3, '\t').collect();
        let &[name, minors, said] = &fields[..] else { panic!("{line}") };
        let said = (said != "ok").then(|| serde_json::from_str::<String>(said).unwrap());
        for span in minors.split(',') {
            let (first, last) = span.split_once('-').unwrap_or((span, span));
            for minor in first.parse::<u32>().unwrap()..=last.parse().unwrap() {
                verdicts.entry(name.to_owned()).or_default().insert(minor, said.clone());
            }
        }
    }
    verdicts
}
