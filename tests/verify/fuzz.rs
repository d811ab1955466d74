//! `make verify-fuzz`: fresh mutants, put to the real judge and to the engine.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use loki_provider::loki::config_file::verify;
use serde_json::{Value, json};

use super::runner::{Score, refusal};

/// A running `verify judge` of one version (tests/lab/verify/judge.go).
struct Judge {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Judge {
    fn start(program: &str) -> Self {
        let mut child =
            Command::new(program).arg("judge").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Judge { child, input, output }
    }

    /// Loki's words where it refuses.
    fn ask(&mut self, text: &str) -> Option<String> {
        writeln!(self.input, "{}", json!({"config": text, "env": null})).unwrap();
        self.input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let verdict: Value = serde_json::from_str(&line).unwrap();
        (verdict["valid"] == false).then(|| verdict["text"].as_str().unwrap_or_default().to_owned())
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The fewest lines of a text that are still judged apart.
fn least(text: &str, judge: &mut Judge, minor: u32) -> String {
    let mut apart = |text: &str| refusal(&verify(text, minor, None)).is_some() != judge.ask(text).is_some();
    let mut lines: Vec<&str> = text.lines().collect();
    let mut size = (lines.len() / 2).max(1);
    loop {
        let mut start = 0;
        while start < lines.len() {
            let end = (start + size).min(lines.len());
            let fewer: Vec<&str> = lines[..start].iter().chain(&lines[end..]).copied().collect();
            if apart(&(fewer.join("\n") + "\n")) {
                lines = fewer;
            } else {
                start = end;
            }
        }
        if size == 1 {
            return lines.join("\n") + "\n";
        }
        size /= 2;
    }
}

/// Asked for by scripts/verify.sh, which makes the mutants: VERIFY_MINOR, VERIFY_JUDGE, VERIFY_MUTANTS.
#[test]
#[ignore = "needs the real judges; run by `make verify-fuzz`"]
fn mutants_are_judged_alike() {
    let of = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `make verify-fuzz`"));
    let minor = of("VERIFY_MINOR").parse().unwrap();
    let mut judge = Judge::start(&of("VERIFY_JUDGE"));
    let mutants = std::fs::read_to_string(of("VERIFY_MUTANTS")).unwrap();
    let mut score = Score::default();
    for line in mutants.lines() {
        let mutant: Value = serde_json::from_str(line).unwrap();
        let text = mutant["config"].as_str().unwrap();
        let findings = verify(text, minor, None);
        let (ours, theirs) = (refusal(&findings), judge.ask(text));
        if !score.count(ours, theirs.as_deref(), None) {
            println!("--- {}\nhere: {ours:?}\nLoki: {theirs:?}\n{}", mutant["name"], least(text, &mut judge, minor));
        }
    }
    println!("3.{minor}: {score}");
    assert!(score.agreement() >= 0.99, "{score}");
    assert!(score.wrongly_refused * 200 <= score.asked, "{score}");
}
