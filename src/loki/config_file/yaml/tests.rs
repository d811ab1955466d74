//! Held to what the real yaml.v2 says (tests/support/yaml).

mod dump;
mod stream;

use dump::read;

use super::parse;

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

#[test]
fn nodes_and_errors_have_places() {
    let document = parse("# c\na: &x !!str b\né: [1, {c: *x}]\nd:  |\n  t\n").unwrap();
    let marks: Vec<_> = document.nodes.iter().map(|node| (node.mark.line, node.mark.column)).collect();
    let expected =
        [(2, 1), (2, 1), (2, 4), (3, 1), (3, 4), (3, 5), (3, 8), (3, 9), (3, 12), (4, 1), (4, 5)].into_iter();
    assert_eq!(marks, expected.collect::<Vec<_>>());
    let refused = |text: &str| {
        let error = parse(text).unwrap_err();
        (error.line, error.mark.line, error.mark.column)
    };
    // yaml.v2 names the line before, or none.
    assert_eq!(refused("a: 1\nb: [1,\n  2\nc: 3\n"), (3, 4, 2));
    assert_eq!(refused("a: b: c\n"), (0, 1, 5));
    assert_eq!(refused("a: 1\nb\n"), (3, 2, 1));
    assert_eq!(refused("a: 1\nb: 'c\n\n"), (4, 2, 4));
    assert_eq!(refused("a: 1\nb: é\u{7}\n"), (0, 2, 5));
    assert_eq!(refused("a: *b\n"), (0, 1, 4));
}

/// Depths that yaml.v2 takes and does not, and aliases that multiply.
#[test]
fn texts_of_any_shape_end() {
    let refused = |text: &str| parse(text).map_err(|error| error.text).map(|document| document.nodes.len());
    let too_deep = Err("yaml: exceeded max depth of 10000".to_owned());
    assert_eq!(refused(&("[".repeat(10_000) + &"]".repeat(10_000))), Ok(10_000));
    assert_eq!(refused(&"[".repeat(10_001)), too_deep);
    assert_eq!(refused(&"{a: ".repeat(10_001)), too_deep);
    assert_eq!(refused(&"- ".repeat(10_000)), Ok(10_001));
    assert_eq!(refused(&"- ".repeat(10_001)), too_deep);
    assert_eq!(refused(&"? ".repeat(10_001)), too_deep);
    assert_eq!(refused(&"[".repeat(10_000_000)), too_deep);
    let bomb: String = ('b'..='z')
        .map(|name| {
            let below = char::from_u32(u32::from(name) - 1).unwrap();
            format!("{name}: &{name} [{}]\n", vec![format!("*{below}"); 9].join(","))
        })
        .collect();
    let bomb = format!("a: &a [x]\n{bomb}");
    assert_eq!(read(&bomb), "error: yaml: document contains excessive aliasing");
    assert_eq!(read("&a [&b [*a]]"), "error: yaml: anchor 'a' value contains itself");
}
