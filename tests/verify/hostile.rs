//! What is meant to break a reader ends in a finding, in time and memory that the text's size bounds.

use std::fmt::Write;

use loki_provider::loki::config_file::{NEWEST_MINOR, verify};

use super::runner::refusal;

fn refused(text: &str) -> String {
    let findings = verify(text, NEWEST_MINOR, None);
    refusal(&findings).map(|finding| finding.text.clone()).expect("a finding")
}

#[test]
fn nothing_is_no_configuration() {
    for text in ["", "\n", "# nothing\n", "---\n", "~\n", "{}"] {
        assert!(!refused(text).is_empty(), "{text:?}");
    }
}

#[test]
fn nesting_has_an_end() {
    for depth in [10_000, 100_000] {
        assert!(!refused(&"[".repeat(depth)).is_empty());
        assert!(!refused(&format!("a: {}{}", "[".repeat(depth), "]".repeat(depth))).is_empty());
        assert!(!refused(&format!("server: {}{}", "{a: ".repeat(depth), "}".repeat(depth))).is_empty());
        let mut block = String::new();
        for level in 0..2_000.min(depth) {
            let _ = writeln!(block, "{}a:", " ".repeat(level));
        }
        assert!(!refused(&block).is_empty());
    }
    let merges = format!("server: {}1{}", "{<<: ".repeat(5_000), "}".repeat(5_000));
    assert!(!refused(&merges).is_empty());
}

#[test]
fn aliases_do_not_multiply() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(bomb, "a{level}: &a{level} [{aliases}]");
    }
    bomb.push_str("limits_config: {required_labels: *a29}\nmemberlist: {join_members: *a29}\n");
    assert!(!refused(&bomb).is_empty());
    let mut maps = String::from("a0: &a0 {http_listen_port: 1}\n");
    for level in 1..30 {
        let merged = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(maps, "a{level}: &a{level} {{<<: [{merged}]}}");
    }
    maps.push_str("server: {<<: *a29}\n");
    assert!(!refused(&maps).is_empty());
}

#[test]
fn ten_megabytes_are_read() {
    let mut long = String::from("limits_config:\n");
    while long.len() < 10 << 20 {
        let _ = writeln!(long, "  unknown_{}: 1", long.len());
    }
    let findings = verify(&long, NEWEST_MINOR, None);
    assert!(refusal(&findings).is_some_and(|finding| finding.line == 2));
    assert!(!refused(&"x".repeat(10 << 20)).is_empty());
}
