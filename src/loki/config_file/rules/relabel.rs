//! Prometheus' relabelling as Loki validates it from 3.7 on, with names in UTF-8 (prometheus, model/relabel/relabel.go,
//! `Config.Validate`; Apache-2.0).

use crate::loki::config_file::View;

/// What is wrong with a rule, and at which key.
pub(super) fn check(rule: View<'_>) -> Result<(), (&'static str, String)> {
    let action = rule.text("action");
    let target = rule.text("target_label");
    let equal = matches!(action, "dropequal" | "keepequal");
    let cased = matches!(action, "lowercase" | "uppercase");
    let hashed = action == "hashmod";
    if action.is_empty() {
        return Err(("action", "relabel action cannot be empty".into()));
    }
    if hashed && rule.int("modulus") == 0 {
        return Err(("modulus", "relabel configuration for hashmod requires non-zero modulus".into()));
    }
    if (equal || cased || hashed || action == "replace") && target.is_empty() {
        let text = format!("relabel configuration for {action} action requires 'target_label' value");
        return Err(("target_label", text));
    }
    if (equal || cased) && !rule.is_default("replacement") {
        return Err(("replacement", format!("'replacement' can not be set for {action} action")));
    }
    if action == "labelmap" && rule.text("replacement").is_empty() {
        return Err(("replacement", format!("\"\" is invalid 'replacement' for {action} action")));
    }
    if equal && (rule.is_set("regex") || !["modulus", "separator"].iter().all(|key| rule.is_default(key))) {
        let text = format!("{action} action requires only 'source_labels' and `target_label`, and no other fields");
        return Err(("action", text));
    }
    let others = ["target_label", "modulus", "separator", "replacement"];
    if matches!(action, "labeldrop" | "labelkeep")
        && (!rule.is_nil("source_labels") || !others.iter().all(|key| rule.is_default(key)))
    {
        return Err(("action", format!("{action} action requires only 'regex', and no other fields")));
    }
    Ok(())
}
