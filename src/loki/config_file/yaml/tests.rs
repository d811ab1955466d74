//! Held to what the real yaml.v2 says (tests/support/yaml).

pub mod dump;

use dump::read;

#[derive(serde::Deserialize)]
struct Line {
    #[serde(default)]
    yaml: String,
    #[serde(default)]
    expand: String,
    is: String,
}

#[test]
fn texts_are_what_the_real_one_says() {
    let lines = include_str!("../../../../tests/support/yaml/vectors.jsonl").lines();
    let lines: Vec<Line> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let (mut count, mut wrong) = (0, Vec::new());
    for line in lines.iter().filter(|line| line.expand.is_empty()) {
        count += 1;
        let found = read(&line.yaml);
        if found != line.is {
            wrong.push(format!("{:?}\n  is   {}\n  here {found}", line.yaml, line.is));
        }
    }
    assert!(count > 500, "{count} texts");
    assert!(wrong.is_empty(), "{} of {count} texts\n{}", wrong.len(), wrong.join("\n"));
}
