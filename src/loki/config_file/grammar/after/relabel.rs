//! Relabelling rules of Prometheus (model/relabel/relabel.go, Config.Validate). Since Loki 3.7 reading them no longer
//! judges them.

use super::super::own::{is_label_name, is_legacy_label_name};
use super::super::quote::quote;
use super::Members;

pub(super) fn check(rule: Members<'_>, minor: u32) -> Option<String> {
    if minor >= 7 {
        return None;
    }
    let action = rule.text_or("action", "replace");
    let target = rule.text("target_label");
    let replacement = rule.text_or("replacement", "$1");
    let separator = rule.text_or("separator", ";");
    let modulus = rule.int_or("modulus", 0);
    let is = |actions: &[&str]| actions.contains(&action);
    let invalid = |value: &str, key: &str| Some(format!("{} is invalid '{key}' for {action} action", quote(value)));

    if action.is_empty() {
        return Some("relabel action cannot be empty".into());
    }
    if modulus == 0 && is(&["hashmod"]) {
        return Some("relabel configuration for hashmod requires non-zero modulus".into());
    }
    let case_or_equal = is(&["lowercase", "uppercase", "keepequal", "dropequal"]);
    if (case_or_equal || is(&["replace", "hashmod"])) && target.is_empty() {
        return Some(format!("relabel configuration for {action} action requires 'target_label' value"));
    }
    let valid_target = match target.contains('$') {
        true if is(&["replace"]) => is_template(target, minor),
        _ => is_label_name(target, minor),
    };
    if is(&["replace"]) && !valid_target {
        return invalid(target, "target_label");
    }
    if case_or_equal && !valid_target {
        return invalid(target, "target_label");
    }
    if case_or_equal && replacement != "$1" {
        return Some(format!("'replacement' can not be set for {action} action"));
    }
    if is(&["labelmap"]) && !is_template(replacement, minor) {
        return invalid(replacement, "replacement");
    }
    if is(&["hashmod"]) && !valid_target {
        return invalid(target, "target_label");
    }
    let changed = modulus != 0 || separator != ";" || replacement != "$1";
    // Any regular expression in the file is another one than the default.
    if is(&["dropequal", "keepequal"]) && (changed || rule.get("regex").is_some()) {
        let fields = "only 'source_labels' and `target_label`, and no other fields";
        return Some(format!("{action} action requires {fields}"));
    }
    if is(&["labeldrop", "labelkeep"]) && (changed || rule.has("source_labels") || !target.is_empty()) {
        return Some(format!("{action} action requires only 'regex', and no other fields"));
    }
    None
}

/// A label's name with variables: `^(?:(?:[a-zA-Z_]|\$(?:\{\w+\}|\w+))+\w*)+$`; any text where all are names.
fn is_template(text: &str, minor: u32) -> bool {
    if minor >= 5 {
        return !text.is_empty();
    }
    let word = |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let head = word(text);
    if head > 0 && !is_legacy_label_name(&text[..head]) {
        return false;
    }
    let variables = text[head..].split('$');
    let valid = |variable: &str| match variable.strip_prefix('{') {
        Some(rest) => {
            let name = word(rest);
            name > 0 && rest[name..].strip_prefix('}').is_some_and(|after| word(after) == after.len())
        }
        None => !variable.is_empty() && word(variable) == variable.len(),
    };
    !text.is_empty()
        && variables.enumerate().all(|(index, variable)| match index {
            0 => variable.is_empty(),
            _ => valid(variable),
        })
}
