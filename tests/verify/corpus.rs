//! Agreement with the real Loki's recorded verdicts.

use loki_provider::loki::config_file::{NEWEST_MINOR, OLDEST_MINOR, removed_since_2_9, verify};

use super::cases;
use super::runner::{Score, refusal};

#[test]
fn each_version_is_agreed_with() {
    let cases = cases::all();
    assert!(cases.len() >= 500, "{} cases", cases.len());
    for minor in OLDEST_MINOR..=NEWEST_MINOR {
        let mut score = Score::default();
        let mut apart = Vec::new();
        for case in &cases {
            let findings = verify(&case.text, minor, case.variables.as_ref());
            let ours = refusal(&findings);
            let theirs = case.verdicts[&minor].as_deref();
            if !score.count(ours, theirs, case.line) {
                apart.push(format!("{}: here {ours:?}, Loki {theirs:?}", case.name));
            }
        }
        println!("3.{minor}: {score}");
        assert!(score.agreement() >= 0.995, "3.{minor}: {score}\n{}", apart.join("\n"));
        assert!(score.wrongly_refused * 200 <= score.asked, "3.{minor}: {score}\n{}", apart.join("\n"));
        assert!(score.right_lines() >= 0.95, "3.{minor}: {score}");
    }
}

#[test]
fn every_error_says_where_and_what_to_do() {
    for case in cases::all() {
        for finding in verify(&case.text, NEWEST_MINOR, case.variables.as_ref()) {
            let lines = case.text.lines().count() as u32 + 1;
            // What is expanded may have more lines than the file.
            assert!(finding.line <= lines || case.variables.is_some(), "{}: {finding:?}", case.name);
            assert!(!finding.text.is_empty(), "{}", case.name);
        }
    }
}

#[test]
fn what_2_9_had_and_3_0_lacks_has_a_hint() {
    let removed: Vec<_> = removed_since_2_9().collect();
    assert!(removed.len() > 20, "{} keys", removed.len());
    for (path, hint) in removed {
        assert!(!hint.is_empty(), "{path}");
    }
}
