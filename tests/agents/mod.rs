//! What is rendered for each kind of agent: compared with the files beside, and judged by the real agents that can be had
//! as Go modules (the OpenTelemetry Collector, Promtail), for all kinds by the grammar of their languages. `BLESS=1`
//! rewrites the files.

mod cases;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use loki_provider::agent::{Kind, Options, files, render, verify};
use loki_provider::loki::Severity;

use self::cases::cases;

fn golden(name: &str, kind: Kind, file: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents").join(name).join(kind.as_str());
    fs::create_dir_all(&folder).unwrap();
    folder.join(file)
}

/// Every text of an options' files, by its name.
fn texts(options: &Options) -> Vec<(String, String)> {
    let files = files(options).unwrap();
    let file = options.kind.program().file;
    let mut all = vec![(file.to_owned(), files.nodes)];
    all.extend(files.events.map(|text| (format!("events-{file}"), text)));
    all
}

#[test]
fn agents_match_the_goldens() {
    let bless = env::var_os("BLESS").is_some();
    let mut differing = Vec::new();
    for (name, options) in cases() {
        let objects: Vec<_> = render(&options)
            .iter()
            // What is in it is beside it.
            .filter(|object| object.kind() != "ConfigMap")
            .map(|object| object.as_value().clone())
            .collect();
        let manifests = serde_saphyr::to_string_multiple(&objects).unwrap();
        for (file, text) in texts(&options).into_iter().chain([("manifests.yaml".to_owned(), manifests)]) {
            let path = golden(name, options.kind, &file);
            if bless {
                fs::write(&path, &text).unwrap();
            } else if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                differing.push(format!("{name}/{}/{file}", options.kind.as_str()));
            }
        }
    }
    assert_eq!(differing, Vec::<String>::new(), "see what changed with BLESS=1 and git diff");
}

#[test]
fn agents_pass_the_rules_and_grammars() {
    for (name, options) in cases() {
        let mut findings = verify(&options, None);
        findings.extend(verify::configuration(&options));
        let errors: Vec<_> = findings
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name} {:?}", options.kind);
    }
}

#[test]
fn the_collector_accepts_every_config() {
    // Of the components that it names, the lab's build has all but these two, whose modules are not to be had.
    let lacking = ["basicauth", "k8sobjects"];
    let mut judged = 0;
    for (name, options) in cases().into_iter().filter(|(_, options)| options.kind == Kind::OtelCollector) {
        for (file, text) in texts(&options) {
            if lacking.iter().any(|component| text.contains(component)) {
                continue;
            }
            let output = program("otelcol-contrib")
                .arg("validate")
                .arg(format!("--config={}", golden(name, options.kind, &file).display()))
                .env("NODE_NAME", "node")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{name} {file}: {said}");
            judged += 1;
        }
    }
    assert!(judged >= 2, "{judged}");
}

#[test]
fn promtail_accepts_every_config() {
    for (name, options) in cases().into_iter().filter(|(_, options)| options.kind == Kind::Promtail) {
        let output = program("promtail")
            .arg("-check-syntax")
            .arg("-config.expand-env=true")
            .arg(format!("-config.file={}", golden(name, options.kind, "promtail.yaml").display()))
            .env("NODE_NAME", "node")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{name}: {said}");
    }
}

#[test]
fn the_judges_refuse() {
    let broken = env::temp_dir().join(format!("agents-{}.yaml", std::process::id()));
    fs::write(&broken, "clients: [{urk: a}]\nreceivers: {nothing: {}}\n").unwrap();
    let promtail = program("promtail").arg("-check-syntax").arg(format!("-config.file={}", broken.display())).output();
    let collector = program("otelcol-contrib").arg("validate").arg(format!("--config={}", broken.display())).output();
    fs::remove_file(&broken).unwrap();
    assert!(!promtail.unwrap().status.success() && !collector.unwrap().status.success());
}

fn program(name: &str) -> Command {
    let lab = env::var_os("LAB_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(".lab"), PathBuf::from);
    let path = lab.join("bin").join(name);
    assert!(path.exists(), "{} is missing: tests/lab/lab.sh build agents", path.display());
    Command::new(path)
}
