//! The real go-cty judges what this codec writes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use loki_provider::schema::{Cty, Raw, Type};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value as Json, json};

use super::generate::typed;

const VALUES: usize = 2000;

/// What go-cty makes of each encoded value.
fn judged(values: &[(Type, Vec<u8>)]) -> Vec<Json> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/cty");
    let judge = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cty");
    let built = Command::new("go").args(["build", "-o"]).arg(&judge).arg(".").current_dir(folder).output();
    let built = built.expect("Go, which builds the judge");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut judge = Command::new(judge).arg("judge").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines: Vec<String> = values
        .iter()
        .map(|(kind, bytes)| json!({"type": kind.to_json(), "msgpack": hex::encode(bytes)}).to_string() + "\n")
        .collect();
    let mut stdin = judge.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.concat().as_bytes()).unwrap());
    let output = judge.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn go_cty_reads_the_same_value() {
    let mut runner = TestRunner::deterministic();
    let mut samples: Vec<(Type, Cty)> = vec![(Type::String, Cty::String("x".repeat(70_000)))];
    samples.extend((0..VALUES).map(|_| typed(true).new_tree(&mut runner).unwrap().current()));
    let encoded = samples.iter().map(|(kind, value)| match Raw::encode_as(value, kind).unwrap() {
        Raw::MessagePack(bytes) => (kind.clone(), bytes),
        other => panic!("{other:?}"),
    });
    let encoded: Vec<_> = encoded.collect();
    let answers = judged(&encoded);
    assert_eq!(answers.len(), samples.len());
    let mut wrong = Vec::new();
    for (((kind, value), (_, bytes)), answer) in samples.iter().zip(&encoded).zip(&answers) {
        let read = answer["msgpack"].as_str().map(|hex| Raw::MessagePack(hex::decode(hex).unwrap()).decode_as(kind));
        if !matches!(&read, Some(Ok(read)) if read == value) {
            wrong.push(format!(
                "{} {}\n  {value:?}\n  {read:?} {}",
                kind.to_json(),
                hex::encode(bytes),
                answer["error"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), samples.len(), wrong[..wrong.len().min(8)].join("\n"));
}
