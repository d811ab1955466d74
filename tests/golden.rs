//! What is rendered for the options of each `tests/golden/<case>`: compared with the files beside them,
//! and judged by the real Loki. `BLESS=1` rewrites the files.

#[path = "agents/mod.rs"]
mod agents;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use loki_provider::loki::options::Mode;
use loki_provider::loki::{Options, Severity, config_yaml, render, verify};

#[derive(Clone)]
struct Case {
    directory: PathBuf,
    options: Options,
}

impl Case {
    fn name(&self) -> String {
        self.directory.file_name().unwrap().to_string_lossy().into_owned()
    }
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut directories: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    directories.sort();
    let case = |directory: PathBuf| {
        let text = fs::read_to_string(directory.join("options.json")).unwrap();
        let options = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{directory:?}: {error}"));
        Case { directory, options }
    };
    let cases: Vec<_> = directories.into_iter().map(case).collect();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn rendering_matches_the_goldens() {
    let bless = env::var_os("BLESS").is_some();
    let mut differing = Vec::new();
    for case in cases() {
        let objects: Vec<_> = render(&case.options).iter().map(|object| object.as_value().clone()).collect();
        let manifests = serde_saphyr::to_string_multiple(&objects).unwrap();
        let files = [("config.yaml", config_yaml(&case.options)), ("manifests.yaml", manifests)];
        for (file, text) in files {
            let path = case.directory.join(file);
            if bless {
                fs::write(&path, &text).unwrap();
            } else if fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
                differing.push(format!("{}/{file}", case.name()));
            }
        }
    }
    assert_eq!(differing, Vec::<String>::new(), "see what changed with BLESS=1 and git diff");
}

#[test]
fn cases_pass_the_rules() {
    for case in cases() {
        let mut findings = verify(&case.options, None);
        findings.extend(verify::configuration(&case.options, None, &findings));
        let errors: Vec<_> = findings
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", case.name());
    }
}

#[test]
fn loki_accepts_every_config() {
    let loki = loki();
    let judged =
        cases().into_iter().flat_map(|case| targets(case.options.mode).iter().map(move |it| (it, case.clone())));
    for (target, case) in judged {
        let output = Command::new(&loki)
            .args(["-verify-config", "-config.expand-env=true", &format!("-target={target}")])
            .arg(format!("-config.file={}", case.directory.join("config.yaml").display()))
            .env("POD_IP", "127.0.0.1")
            .output()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", loki.display()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", case.name());
        assert!(said.contains("config is valid"), "{}: {said}", case.name());
    }
}

/// What runs in the pods of a mode.
fn targets(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Monolithic => &["all"],
        Mode::Distributed => &[
            "distributor",
            "ingester",
            "querier",
            "query-frontend",
            "query-scheduler",
            "index-gateway",
            "compactor",
            "ruler",
        ],
        Mode::SimpleScalable => &["read", "write", "backend"],
    }
}

/// `LOKI_BIN`, or Loki as the lab builds it.
fn loki() -> PathBuf {
    let of_lab = || env::var_os("LAB_DIR").map(|lab| Path::new(&lab).join("bin/loki"));
    match env::var_os("LOKI_BIN").map(PathBuf::from).or_else(of_lab) {
        Some(path) if path.is_file() => path,
        _ => panic!("There is no Loki: build the lab and set LAB_DIR, or name a binary in LOKI_BIN."),
    }
}
