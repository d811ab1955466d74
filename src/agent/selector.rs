//! Kubernetes' selectors of pods, as the API server reads them.

/// Why the text is no label selector; none where nothing speaks against it
/// (apimachinery, pkg/labels/selector.go).
pub fn labels(text: &str) -> Option<String> {
    for term in terms(text) {
        let term = term.trim();
        let wrong = |why: &str| Some(format!("{why} in {term:?}"));
        if term.is_empty() {
            return Some("a term is empty".into());
        }
        if let Some((key, values)) = set(term) {
            if !is_key(key) {
                return wrong("the key is no label's");
            }
            match values.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
                None => return wrong("the values are not in brackets"),
                Some(values) if !values.split(',').all(|value| is_value(value.trim())) => {
                    return wrong("a value is no label's");
                }
                Some(_) => continue,
            }
        }
        let (key, value) = match ["!=", "==", "="].into_iter().find_map(|operator| term.split_once(operator)) {
            Some((key, value)) => (key.trim(), Some(value.trim())),
            None => (term.strip_prefix('!').unwrap_or(term).trim(), None),
        };
        if !is_key(key) {
            return wrong("the key is no label's");
        }
        if value.is_some_and(|value| !is_value(value)) {
            return wrong("the value is no label's");
        }
    }
    None
}

/// Fields of pods that the API server selects by (pkg/registry/core/pod/strategy.go, ToSelectableFields).
pub const POD_FIELDS: [&str; 11] = [
    "metadata.name",
    "metadata.namespace",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
];

/// Why the text is no field selector of pods; none where nothing speaks against it.
pub fn fields(text: &str) -> Option<String> {
    for term in text.split(',') {
        let term = term.trim();
        let Some((key, _)) = ["!=", "==", "="].into_iter().find_map(|operator| term.split_once(operator)) else {
            return Some(format!("{term:?} is no comparison with =, == or !="));
        };
        if !POD_FIELDS.contains(&key.trim()) {
            return Some(format!(
                "Kubernetes selects pods by no field {:?}; it does by {}",
                key.trim(),
                POD_FIELDS.join(", ")
            ));
        }
    }
    None
}

/// The terms of a selector, at its commas outside of brackets.
fn terms(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut begin) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[begin..]);
    found
}

/// Key and values of `key in (a, b)` and `key notin (a, b)`.
fn set(term: &str) -> Option<(&str, &str)> {
    [" notin ", " notin(", " in ", " in("].into_iter().find_map(|operator| {
        let at = term.find(operator)?;
        let bracket = usize::from(operator.ends_with('('));
        Some((term[..at].trim(), term[at + operator.len() - bracket..].trim()))
    })
}

/// A label's key: a name, and before it a DNS subdomain with a slash where there is one.
pub fn is_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let domain = |text: &str| {
        !text.is_empty() && text.len() <= 253 && text.split('.').all(|part| is_name(part) && !part.contains(['_', '.']))
    };
    is_name(name) && prefix.is_none_or(domain)
}

fn is_name(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63 && text.chars().all(inside) && edge(text.chars().next()) && edge(text.chars().next_back())
}

fn is_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors_are_kubernetes_own() {
        for good in ["app=a", "app==a,tier!=b", "!canary", "app", "env in (a, b),x notin (c)", "a.b/c in(d)", "app="] {
            assert_eq!(labels(good), None, "{good}");
        }
        for bad in ["app=a=b", "app=a,", "env in a", "-x=y", "app={a}", "env in (a b)", "a/b/c=d"] {
            assert!(labels(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn field_selectors_name_fields_of_pods() {
        assert_eq!(fields("spec.nodeName=a,status.phase!=Running"), None);
        assert!(fields("spec.node=a").unwrap().contains("spec.nodeName"));
        assert!(fields("status.phase").unwrap().contains("no comparison"));
    }
}
