//! By what a stack's pods and volumes are known, which Kubernetes never changes (StatefulSetSpec: selector,
//! volumeClaimTemplates).

use crate::loki::finding::Finding;
use crate::loki::manifests::{data_volume, label_selector};
use crate::loki::options::Options;

/// Refuses that pods would be left running that nobody knows, or volumes behind that nobody mounts; warns where old and new
/// pods would not be of one ring.
pub fn identity(before: &Options, after: &Options) -> Option<Finding> {
    if before.helm_release == after.helm_release {
        return None;
    }
    let known = |options: &Options| {
        let components = options.components().into_iter();
        let known =
            components.map(|it| (it.name.clone(), label_selector(options, Some(&it)), data_volume(options, &it)));
        known.collect::<Vec<_>>()
    };
    let later = known(after);
    let lost = known(before).into_iter().find(|(name, labels, volume)| {
        later.iter().any(|(same, other, at)| same == name && (other, at) != (labels, volume))
    });
    let was = before.helm_release.as_deref().map_or("null".to_owned(), |name| format!("{name:?}"));
    if let Some((name, ..)) = lost {
        return Some(
            Finding::error(
                summary!("helm_release cannot change under a stack that runs"),
                format!("The pods and volumes of {name} are known by it; they would be left behind."),
                format!("Set helm_release = {was}."),
            )
            .at("helm_release"),
        );
    }
    (before.helm_release.is_some() != after.helm_release.is_some() && before.mode == after.mode).then(|| {
        Finding::warning(
            summary!("Old and new pods will not be of one ring"),
            "With helm_release the rings have no label of their own, as in the community chart; without it they have one. \
             While pods are replaced one by one, pushes and queries may fail.",
            format!("Leave helm_release = {was}, or change it at a quiet hour."),
        )
        .at("helm_release")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity;
    use crate::loki::options::Mode;

    fn judged(mode: Mode, before: Option<&str>, after: Option<&str>) -> Option<Severity> {
        let of =
            |release: Option<&str>| Options { mode, helm_release: release.map(str::to_owned), ..Options::default() };
        identity(&of(before), &of(after)).map(|finding| finding.severity)
    }

    #[test]
    fn what_pods_are_known_by_stays() {
        let loki = Some("loki");
        assert_eq!(judged(Mode::Monolithic, loki, loki), None);
        assert_eq!(judged(Mode::Monolithic, loki, None), Some(Severity::Error), "the volume has another name");
        assert_eq!(judged(Mode::Distributed, loki, Some("logs")), Some(Severity::Error), "another instance");
        assert_eq!(judged(Mode::Distributed, loki, None), Some(Severity::Warning));
    }

    #[test]
    fn what_goes_may_be_known_otherwise() {
        let before = Options { helm_release: Some("loki".into()), ..Options::default() };
        let after = Options { mode: Mode::Distributed, ..Options::default() };
        assert_eq!(identity(&before, &after), None);
    }
}
