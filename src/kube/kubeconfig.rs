//! One context of one or more kubeconfig files.

use std::path::PathBuf;

use ::kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};

use super::Error;

/// A context's cluster and user.
#[derive(Default)]
pub(super) struct Selected {
    pub(super) cluster: Cluster,
    pub(super) user: AuthInfo,
    /// `kubeconfig /x context lab`.
    pub(super) origin: String,
}

/// Reads `paths` (the first to name something wins, as kubectl merges them) and picks `context` or the current one.
/// `named_by` is the attribute or variable that the paths come from.
pub(super) fn select(paths: &[PathBuf], named_by: &str, context: Option<&str>) -> Result<Selected, Error> {
    let shown = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(":");
    let refuse = |text: String| Error::Config(format!("kubeconfig {shown} (from {named_by}) {text}"));

    // Like kubectl, a list may name files that do not exist; a single path may not.
    let present: Vec<_> = paths.iter().filter(|path| paths.len() == 1 || path.exists()).collect();
    if present.is_empty() {
        return Err(refuse("does not exist".into()));
    }
    let mut merged = Kubeconfig::default();
    for path in present {
        let next = Kubeconfig::read_from(path).map_err(|cause| refuse(unreadable(&cause)))?;
        merged = merged.merge(next).map_err(|cause| refuse(format!("cannot be merged: {cause}")))?;
    }

    let Some(name) = context.map(str::to_owned).or_else(|| merged.current_context.clone().filter(|c| !c.is_empty()))
    else {
        return Err(refuse(format!("has no current context; set config_context{}", choices(&merged))));
    };
    let found = merged.contexts.iter().find(|named| named.name == name).and_then(|named| named.context.clone());
    let found = found.ok_or_else(|| refuse(format!("has no context {name:?}{}", choices(&merged))))?;
    let cluster = merged.clusters.iter().find(|named| named.name == found.cluster);
    let cluster = cluster
        .and_then(|named| named.cluster.clone())
        .ok_or_else(|| refuse(format!("has no cluster {:?}, which its context {name:?} refers to", found.cluster)))?;
    // As in client-go, a context may do without a user.
    let user = merged.auth_infos.iter().find(|named| Some(&named.name) == found.user.as_ref());
    let user = user.and_then(|named| named.auth_info.clone()).unwrap_or_default();
    Ok(Selected { cluster, user, origin: format!("kubeconfig {shown} context {name}") })
}

/// The parser's own words may quote the file, which holds credentials; the place is enough.
fn unreadable(cause: &KubeconfigError) -> String {
    match cause {
        KubeconfigError::ReadConfig(cause, _) => format!("cannot be read: {cause}"),
        KubeconfigError::Parse(cause) => match cause.location() {
            Some(at) => format!("is not a kubeconfig: see line {} column {}", at.line(), at.column()),
            None => "is not a kubeconfig".into(),
        },
        other => format!("cannot be used: {other}"),
    }
}

fn choices(kubeconfig: &Kubeconfig) -> String {
    let names: Vec<_> = kubeconfig.contexts.iter().map(|named| named.name.as_str()).collect();
    if names.is_empty() { "; it has none".into() } else { format!("; it has {}", names.join(", ")) }
}
