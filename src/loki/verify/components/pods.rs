//! What is said of the pods of components in Kubernetes' and in Loki's own words.

use crate::loki::components::Program;
use crate::loki::finding::Finding;
use crate::loki::options::Workload;

/// What the pods' own environment and arguments hold already.
const OWN_VARIABLES: [&str; 9] = [
    "POD_IP",
    "POD_NAME",
    "GOMEMLIMIT",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AZURE_STORAGE_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
];
const OWN_ARGUMENTS: [&str; 3] = ["target", "config.file", "config.expand-env"];

/// A security context that the restricted Pod Security Standard does not let in
/// (<https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted>).
pub fn security(other: &serde_json::Value) -> Option<Finding> {
    let profile = &other["seccompProfile"]["type"];
    let odd = other["runAsNonRoot"] == false
        || other["runAsUser"] == 0
        || !profile.is_null() && profile != "RuntimeDefault" && profile != "Localhost";
    odd.then(|| {
        Finding::warning(
            summary!("The pods do not pass the restricted Pod Security Standard"),
            "It wants users other than root (runAsNonRoot, runAsUser), and a seccompProfile of RuntimeDefault or Localhost. \
             A namespace that enforces it refuses the pods.",
            "Leave these keys out.",
        )
    })
}

/// Further volumes and the places where they are seen must fit one another, and the stack's own.
pub fn volumes(said: &Workload) -> Vec<Finding> {
    /// The names of the provider's own volumes.
    const OWN: [&str; 7] = ["config", "runtime-config", "tmp", "data", "storage", "aws-iam-token", "rules"];
    let name = |it: &serde_json::Value| it["name"].as_str().unwrap_or_default().to_owned();
    let volumes: Vec<String> = said.extra_volumes.iter().map(name).collect();
    let mut findings = Vec::new();
    if let Some(taken) = volumes.iter().find(|volume| OWN.contains(&volume.as_str())) {
        let why = "The pods have a volume of that name already.";
        findings.push(
            Finding::error(summary!("{taken:?} is the provider's"), why, "Name it otherwise.").at("extra_volumes"),
        );
    }
    let odd = |mount: &&serde_json::Value| {
        !volumes.contains(&name(mount)) || !mount["mountPath"].as_str().is_some_and(|path| path.starts_with('/'))
    };
    if let Some(mount) = said.extra_volume_mounts.iter().find(odd) {
        findings.push(
            Finding::error(
                summary!("{:?} is not mounted", name(mount)),
                "A mount names one of extra_volumes, and an absolute mountPath.",
                "Add the volume to extra_volumes, or mend the mount.",
            )
            .at("extra_volume_mounts"),
        );
    }
    findings
}

/// Loki takes `-name=value`, as Go's flag package does.
pub fn argument_of(program: Program, argument: &str) -> Option<Finding> {
    if matches!(program, Program::Gateway | Program::Memcached) {
        // Their arguments are of any shape, and the last one of two holds.
        return None;
    }
    let name = argument.trim_start_matches('-').split('=').next().unwrap_or_default();
    if !argument.starts_with('-') || name.is_empty() {
        return Some(Finding::error(
            summary!("{argument:?} is no argument of Loki"),
            "Loki reads arguments as -name=value, and stops at the first that is none.",
            "Write it as \"-name=value\", each in an item of its own.",
        ));
    }
    OWN_ARGUMENTS.contains(&name).then(|| {
        Finding::error(
            summary!("-{name} is the provider's"),
            "It makes the pod the component that it is, and its file the one that the plan has judged.",
            "Remove it; for the configuration file there is config_overrides.",
        )
    })
}

pub fn variable(name: &str) -> Option<Finding> {
    let valid = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit());
    let valid = valid && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    if !valid {
        return Some(Finding::error(
            summary!("{name:?} cannot be the name of a variable"),
            "Kubernetes takes letters, digits, _, - and ., not beginning with a digit.",
            "Write the name in this form.",
        ));
    }
    OWN_VARIABLES.contains(&name).then(|| {
        Finding::error(
            summary!("The variable {name} is the provider's"),
            "Loki's configuration and its credentials rely on it.",
            "Remove it.",
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::loki::options::Options;
    use crate::loki::verify::components::components;

    #[test]
    fn root_and_no_profile_are_warned_of() {
        let of = |context: serde_json::Value| {
            let options = Options { security_context: context, ..Options::default() };
            components(&options).iter().map(|finding| finding.path_text()).collect::<Vec<_>>()
        };
        for odd in [
            serde_json::json!({"runAsUser": 0}),
            serde_json::json!({"runAsNonRoot": false}),
            serde_json::json!({"seccompProfile": {"type": "Unconfined"}}),
        ] {
            assert_eq!(of(odd), ["security_context"]);
        }
        assert_eq!(of(serde_json::json!({"runAsUser": null, "fsGroup": 5})), [""; 0]);
    }
}
