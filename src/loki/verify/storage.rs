//! The store as a whole: bucket, endpoints and role against each other and against Loki's version.

use url::Url;

use super::aws::{bucket, endpoint, region};
use crate::loki::finding::Finding;
use crate::loki::options::{Options, S3, Storage};
use crate::loki::version::Version;

pub fn storage(storage: &Storage, role_arn: Option<&str>, version: Version) -> Vec<Finding> {
    match (storage, role_arn) {
        (Storage::S3(store), role) => s3(store, role.is_some(), version),
        (_, None) => Vec::new(),
        (_, Some(_)) => vec![
            Finding::warning(
                summary!("Nothing uses the role"),
                "This storage asks nothing of AWS.",
                "Remove service_account.role_arn, or use storage.s3.",
            )
            .at("service_account.role_arn")
            .and("storage"),
        ],
    }
}

/// The Thanos project's clients where Loki does not have them.
pub fn clients(options: &Options) -> Option<Finding> {
    (options.use_thanos_objstore && !options.version().since(4)).then(|| {
        Finding::warning(
            summary!("Loki {} does not have the Thanos project's clients", options.version()),
            "They came with Loki 3.4; it reads the bucket by its own clients, from the same objects.",
            "Set use_thanos_objstore = false, or use Loki 3.4 or newer.",
        )
        .at("use_thanos_objstore")
        .and("loki_version")
    })
}

/// A bucket and the way to it. `role`: whether Loki gets credentials by web identity.
pub fn s3(s3: &S3, role: bool, version: Version) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |path: &'static str, finding: Option<Finding>| {
        findings.extend(finding.map(|finding| finding.at(path)));
    };
    add("storage.s3.bucket", bucket(&s3.bucket));
    add("storage.s3.bucket", dotted_bucket(s3));
    // Other stores than Amazon's call their region what they like.
    let region = region(&s3.region).filter(|_| s3.endpoint.is_none() || s3.region.is_empty());
    add("storage.s3.region", region.map(|finding| finding.and("storage.s3.endpoint")));
    let malformed = s3.endpoint.as_deref().and_then(endpoint);
    let amazon = if malformed.is_none() { amazon_endpoint(s3, role) } else { None };
    add("storage.s3.endpoint", malformed);
    add("storage.s3.endpoint", amazon);
    add("storage.s3.insecure", insecure(s3));
    add("storage.s3.sts_endpoint", s3.sts_endpoint.as_deref().and_then(endpoint));
    add("storage.s3.sts_endpoint", sts_endpoint(s3, role, version));
    findings
}

/// A change of the store under a running stack.
pub fn storage_change(before: &Storage, after: &Storage) -> Option<Finding> {
    (place(before) != place(after)).then(|| {
        Finding::warning(
            summary!("The stack would look for its logs in another place"),
            "Loki reads past logs from where its configuration points to now. What was stored so far stays where \
             it is, and queries no longer find it.",
            "Copy the objects to the new place first, or accept that the stack starts empty.",
        )
        .at("storage")
    })
}

/// What tells one store from another: its kind, its bucket or container, and whose it is.
fn place(storage: &Storage) -> (&str, &str, Option<&str>) {
    let (container, owner) = match storage {
        Storage::S3(s3) => (s3.bucket.as_str(), s3.endpoint.as_deref()),
        Storage::Gcs(gcs) => (gcs.bucket.as_str(), None),
        Storage::Azure(azure) => (azure.container.as_str(), Some(azure.account.as_str())),
        Storage::Filesystem => ("", None),
    };
    (storage.object_store(), container, owner)
}

fn dotted_bucket(s3: &S3) -> Option<Finding> {
    (s3.bucket.contains('.') && !s3.force_path_style && !s3.plain_http()).then(|| {
        Finding::warning(
            summary!("A bucket with a dot in its name fails over HTTPS"),
            "Its name is part of the host name, which Amazon's certificate covers without dots only.",
            "Use a name without dots, or set storage.s3.force_path_style = true.",
        )
        .and("storage.s3.force_path_style")
        .and("storage.s3.insecure")
        .and("storage.s3.endpoint")
    })
}

/// An endpoint of Amazon's own, which the region already tells.
fn amazon_endpoint(s3: &S3, role: bool) -> Option<Finding> {
    let url = Url::parse(s3.endpoint.as_deref()?).ok()?;
    let host = url.host_str()?;
    let service = host.strip_suffix(".amazonaws.com").or(host.strip_suffix(".amazonaws.com.cn"))?;
    let elsewhere = service.strip_prefix("s3.").filter(|region| !region.is_empty() && *region != s3.region);
    let finding = if let Some(region) = elsewhere {
        Finding::error(
            summary!("The endpoint is of region {region}, not {}", s3.region),
            "Requests are signed for the region and refused by another one's endpoint.",
            "Remove storage.s3.endpoint; the region tells it.",
        )
    } else if role {
        Finding::warning(
            summary!("An endpoint of Amazon's together with a role"),
            "Loki then also sends AssumeRoleWithWebIdentity there, which answers 405 (loki#12095, #15214).",
            "Remove storage.s3.endpoint; the region tells it.",
        )
    } else {
        Finding::warning(
            summary!("An endpoint of Amazon's is not needed"),
            "The region tells it, and once a role is used it breaks web identity (loki#12095).",
            "Remove storage.s3.endpoint.",
        )
    };
    Some(finding.and("storage.s3.region").and("service_account.role_arn"))
}

fn insecure(s3: &S3) -> Option<Finding> {
    let finding = match s3.endpoint.as_deref() {
        _ if !s3.insecure => return None,
        Some(url) if url.starts_with("https://") => Finding::error(
            summary!("insecure contradicts the endpoint"),
            "The endpoint asks for HTTPS, insecure for plain HTTP.",
            "Remove insecure, or write the endpoint with http://.",
        ),
        Some(_) => return None,
        None => Finding::warning(
            summary!("Logs travel to Amazon S3 in clear text"),
            "insecure makes Loki speak plain HTTP.",
            "Remove insecure.",
        ),
    };
    Some(finding.and("storage.s3.endpoint"))
}

fn sts_endpoint(s3: &S3, role: bool, version: Version) -> Option<Finding> {
    s3.sts_endpoint.as_ref()?;
    let (summary, why, fix) = if !role {
        (
            summary!("Nothing uses the STS endpoint"),
            "STS is asked for credentials of a role, and there is no role.",
            "Set service_account.role_arn, or remove storage.s3.sts_endpoint.",
        )
    } else if !version.since(6) {
        (
            summary!("Loki before 3.6 ignores the STS endpoint"),
            "It reads AWS_ENDPOINT_URL_STS since it has version 2 of the AWS SDK.",
            "Use Loki 3.6 or newer.",
        )
    } else {
        return None;
    };
    Some(Finding::warning(summary, why, fix).and("service_account.role_arn").and("loki_version"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loki::finding::Severity::{self, Error, Warning};

    fn amazon() -> S3 {
        S3 { bucket: "acme-loki".into(), region: "eu-west-1".into(), ..S3::default() }
    }

    fn found(store: &S3, role: bool) -> Vec<(String, Severity)> {
        let findings = s3(store, role, Version::new(3, 7, 8));
        findings.iter().map(|finding| (finding.path_text(), finding.severity)).collect()
    }

    fn endpoint_of(url: &str, role: bool) -> Vec<(String, Severity)> {
        found(&S3 { endpoint: Some(url.into()), ..amazon() }, role)
    }

    #[test]
    fn a_bucket_and_a_region_are_enough() {
        assert_eq!(found(&amazon(), true), []);
        assert_eq!(found(&amazon(), false), []);
        let bucket = S3 { bucket: "chunks".into(), ..amazon() };
        assert_eq!(found(&bucket, true), [("storage.s3.bucket".into(), Error)]);
        let dotted = S3 { bucket: "acme.loki".into(), ..amazon() };
        assert_eq!(found(&dotted, true), [("storage.s3.bucket".into(), Warning)]);
        assert_eq!(found(&S3 { force_path_style: true, ..dotted }, true), []);
    }

    #[test]
    fn regions_are_amazons_only_on_amazon() {
        let region = |region: &str| S3 { region: region.into(), ..amazon() };
        assert_eq!(found(&region("garage"), true), [("storage.s3.region".into(), Warning)]);
        let other = S3 { endpoint: Some("https://minio.example.com".into()), ..region("garage") };
        assert_eq!(found(&other, true), []);
        assert_eq!(found(&S3 { region: String::new(), ..other }, true), [("storage.s3.region".into(), Error)]);
    }

    #[test]
    fn amazons_endpoint_is_not_for_web_identity() {
        let at = "storage.s3.endpoint".to_owned();
        assert_eq!(endpoint_of("https://s3.eu-west-1.amazonaws.com", true), [(at.clone(), Warning)]);
        assert_eq!(endpoint_of("https://s3.eu-west-1.amazonaws.com", false), [(at.clone(), Warning)]);
        assert_eq!(endpoint_of("https://s3.us-east-1.amazonaws.com", true), [(at.clone(), Error)]);
        assert_eq!(endpoint_of("minio:9000", true), [(at, Error)]);
        assert_eq!(endpoint_of("https://minio.example.com", true), []);
    }

    #[test]
    fn insecure_agrees_with_the_endpoint() {
        let insecure = |endpoint: Option<&str>| {
            found(&S3 { insecure: true, endpoint: endpoint.map(Into::into), ..amazon() }, true)
        };
        let at = "storage.s3.insecure".to_owned();
        assert_eq!(insecure(Some("http://10.0.0.1:5000")), []);
        assert_eq!(insecure(Some("https://10.0.0.1:5000")), [(at.clone(), Error)]);
        assert_eq!(insecure(None), [(at, Warning)]);
    }

    #[test]
    fn sts_endpoint_needs_a_role_and_loki_3_6() {
        let store = S3 { sts_endpoint: Some("http://10.0.0.1:5000".into()), ..amazon() };
        let at = [("storage.s3.sts_endpoint".to_owned(), Warning)];
        assert_eq!(found(&store, true), []);
        assert_eq!(found(&store, false), at);
        assert_eq!(s3(&store, true, Version::new(3, 5, 9)).len(), 1);
        let path = S3 { sts_endpoint: Some("http://10.0.0.1/sts".into()), ..amazon() };
        assert_eq!(found(&path, true), [("storage.s3.sts_endpoint".to_owned(), Error)]);
    }

    #[test]
    fn a_role_without_a_bucket_is_idle() {
        let role = Some("arn:aws:iam::123456789012:role/loki");
        let version = Version::new(3, 7, 8);
        assert_eq!(storage(&Storage::Filesystem, role, version).len(), 1);
        assert_eq!(storage(&Storage::Filesystem, None, version), []);
        assert_eq!(storage(&Storage::S3(amazon()), role, version), []);
    }

    #[test]
    fn thanos_clients_came_with_3_4() {
        let on = |version: &str| {
            clients(&Options { use_thanos_objstore: true, loki_version: version.into(), ..Options::default() })
        };
        assert_eq!(on("3.3.9").unwrap().severity, Warning);
        assert_eq!((on("3.4.0"), clients(&Options::default())), (None, None));
    }

    #[test]
    fn moving_the_store_warns() {
        let elsewhere = Storage::S3(S3 { bucket: "other".into(), ..amazon() });
        let styled = Storage::S3(S3 { force_path_style: true, ..amazon() });
        let store = Storage::S3(amazon());
        assert_eq!(storage_change(&store, &styled), None);
        assert!(storage_change(&store, &elsewhere).is_some());
        assert!(storage_change(&store, &Storage::Filesystem).is_some());
    }
}
