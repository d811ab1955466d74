//! Check offline: what IAM, EKS or Kubernetes would refuse.

use super::IrsaRole;
use super::attributes::{MODES, Mode};
use crate::iam::{PolicyDocument, arn, name};
use crate::resource::account::validate_tags;
use crate::schema::{Diagnostics, Int, Problem, Report, Set, Value, at};
use crate::summary::Summary;

impl IrsaRole {
    /// Offline: what IAM, EKS or Kubernetes would refuse.
    pub(super) fn validate(&self, report: &mut Diagnostics) {
        let mut refuse = |attribute: &'static str, what: Summary, why: Option<String>| {
            if let Some(why) = why {
                report.refuse(Problem::new(what).at(at(attribute)).why(why));
            }
        };
        let check = |value: &Value<String>, rule: fn(&str) -> Option<String>| {
            value.as_ref_option().and_then(|value| rule(value))
        };
        refuse("name", summary!("IAM would refuse the role's name"), check(&self.name, name::role_problem));
        refuse("path", summary!("IAM would refuse the role's path"), check(&self.path, name::role_path_problem));
        refuse("mode", summary!("The mode is not known"), check(&self.mode, mode_problem));
        refuse("namespace", summary!("This is no namespace"), check(&self.namespace, name::label_problem));
        refuse(
            "service_account",
            summary!("This is no service account"),
            check(&self.service_account, name::subdomain_problem),
        );
        refuse("audience", summary!("The audience is not usable"), check(&self.audience, name::audience_problem));
        refuse("oidc_issuer", summary!("The issuer is not usable"), check(&self.oidc_issuer, issuer_problem));
        refuse("prefix", summary!("The prefix is not usable"), check(&self.prefix, prefix_problem));
        let additional = check(&self.additional_policy, policy_problem);
        refuse("additional_policy", summary!("The policy is not usable"), additional);
        let boundary = check(&self.permissions_boundary, arn::policy_problem);
        refuse("permissions_boundary", summary!("The permissions boundary is not usable"), boundary);
        self.validate_accounts(report);
        self.validate_one_issuer(report);
        if self.buckets.as_ref_option().is_some_and(|it| it.is_empty()) {
            let why = "Without a bucket the role allows nothing, and Loki could neither write nor read.";
            report.refuse(Problem::new(summary!("No bucket is named")).at(at("buckets")).why(why));
        }
        each("buckets", summary!("This is no bucket's name"), &self.buckets, name::bucket_problem, report);
        each("kms_key_arns", summary!("The KMS key is not usable"), &self.kms_key_arns, key_problem, report);
        if let Some(seconds) = self.max_session_duration.as_ref_option().map(Int::get)
            && !(3600..=43_200).contains(&seconds)
        {
            report.refuse(
                Problem::new(summary!("The session duration is not usable"))
                    .at(at("max_session_duration"))
                    .why(format!("IAM wants 3600 (1 hour) to 43200 (12 hours) seconds; this is {seconds}.")),
            );
        }
        validate_tags(&self.tags, report);
    }

    fn validate_accounts(&self, report: &mut Diagnostics) {
        let fix = "Set service_account for one, or service_accounts for several.";
        let refusal = |attribute, what: Summary, why: &str| Problem::new(what).at(at(attribute)).why(why).fix(fix);
        match (&self.service_account, &self.service_accounts) {
            (Value::Null, Value::Null) => report.refuse(refusal(
                "service_account",
                summary!("No service account is named"),
                "The role must know whom it lets in.",
            )),
            (Value::Value(_), Value::Value(_)) => report.refuse(refusal(
                "service_accounts",
                summary!("The service accounts are named twice"),
                "Both service_account and service_accounts are set.",
            )),
            (_, Value::Value(several)) if several.is_empty() => report.refuse(refusal(
                "service_accounts",
                summary!("No service account is named"),
                "The set is empty: the role would let nobody in.",
            )),
            _ => {}
        }
        let what = summary!("This is no service account");
        each("service_accounts", what, &self.service_accounts, name::subdomain_problem, report);
    }

    fn validate_one_issuer(&self, report: &mut Diagnostics) {
        let fix = "Set eks_cluster to have the issuer looked up, or oidc_issuer to give it, and leave the other out.";
        if self.mode() == Some(Mode::PodIdentity) {
            return self.validate_pods(report);
        }
        match (&self.eks_cluster, &self.oidc_issuer) {
            (Value::Value(_), Value::Value(_)) => report.refuse(
                Problem::new(summary!("Two issuers are named"))
                    .at(at("oidc_issuer"))
                    .why("The role trusts the tokens of one issuer: that of eks_cluster, or oidc_issuer.")
                    .fix(fix),
            ),
            (Value::Null, Value::Null) => report.refuse(
                Problem::new(summary!("No issuer is named"))
                    .at(at("eks_cluster"))
                    .why("The role must know whose service-account tokens it trusts.")
                    .fix(fix),
            ),
            _ => {}
        }
    }

    fn validate_pods(&self, report: &mut Diagnostics) {
        if self.eks_cluster.is_null() {
            report.refuse(
                Problem::new(summary!("No cluster is named"))
                    .at(at("eks_cluster"))
                    .why("EKS Pod Identity associates service accounts of an EKS cluster.")
                    .fix("Set eks_cluster, or mode = \"irsa\" for a cluster that is not one of EKS."),
            );
        }
        let unused = [
            ("oidc_issuer", !self.oidc_issuer.is_null()),
            ("create_oidc_provider", self.create_oidc_provider == Value::Value(true)),
            ("verify_access", self.verify_access == Value::Value(true)),
        ];
        for (attribute, _) in unused.into_iter().filter(|(_, set)| *set) {
            report.refuse(
                Problem::new(summary!("{attribute} has no use here"))
                    .at(at(attribute))
                    .why("EKS Pod Identity works with neither the tokens that AWS STS takes nor an OIDC provider.")
                    .fix("Leave it out, or set mode = \"irsa\"."),
            );
        }
    }
}

fn each(
    attribute: &'static str,
    what: Summary,
    values: &Value<Set<Value<String>>>,
    rule: fn(&str) -> Option<String>,
    report: &mut Diagnostics,
) {
    for value in values.as_ref_option().into_iter().flat_map(|it| it.iter()) {
        let why = match value {
            Value::Value(text) => rule(text).map(|why| format!("{text:?}: {why}")),
            Value::Null => Some("One of them is null.".to_owned()),
            Value::Unknown => None,
        };
        if let Some(why) = why {
            report.refuse(Problem::new(what.clone()).at(at(attribute)).why(why));
        }
    }
}

fn mode_problem(mode: &str) -> Option<String> {
    let known = MODES.map(|(name, _)| format!("{name:?}")).join(" or ");
    (!MODES.iter().any(|(name, _)| *name == mode)).then(|| format!("{mode:?} is none; it is {known}."))
}

fn prefix_problem(prefix: &str) -> Option<String> {
    if prefix.trim_matches('/').is_empty() {
        return Some("It is empty; leave it out for all objects.".into());
    }
    prefix.contains(['*', '?', '$']).then(|| "It must not have *, ? or $, which IAM would expand.".into())
}

fn policy_problem(text: &str) -> Option<String> {
    match PolicyDocument::parse(text) {
        Ok(policy) if policy.says_nothing() => Some("It has no statement, and IAM refuses such a policy.".into()),
        Ok(_) => None,
        Err(why) => Some(why),
    }
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>
fn key_problem(key: &str) -> Option<String> {
    match arn::kms_region(key) {
        Ok(_) if key.contains(":alias/") => {
            Some("it must be the key's ARN, not an alias': IAM knows no aliases.".into())
        }
        Ok(_) => None,
        Err(why) => Some(why),
    }
}

fn issuer_problem(issuer: &str) -> Option<String> {
    let fits = url::Url::parse(issuer).is_ok_and(|url| {
        url.scheme() == "https" && url.has_host() && url.query().is_none() && url.fragment().is_none()
    });
    (!fits).then(|| {
        format!(
            "{issuer:?}: an issuer is a URL such as \"https://oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF\"."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::testing;

    fn text(text: &str) -> Value<String> {
        Value::Value(text.to_owned())
    }

    fn errors(change: impl FnOnce(&mut IrsaRole)) -> Vec<(String, String)> {
        let mut config = IrsaRole {
            name: text("acme-loki"),
            eks_cluster: text("prod"),
            namespace: text("loki"),
            service_account: text("loki.writer"),
            buckets: Value::Value([text("acme-loki")].into()),
            ..IrsaRole::default()
        };
        change(&mut config);
        let mut report = Diagnostics::default();
        config.validate(&mut report);
        testing::errors(report)
    }

    #[test]
    fn a_sound_configuration_passes() {
        assert_eq!(errors(|_| {}), []);
        assert_eq!(
            errors(|it| {
                it.eks_cluster = Value::Null;
                it.oidc_issuer = text("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC");
                it.create_oidc_provider = Value::Value(true);
                it.path = text("/teams/");
                it.permissions_boundary = text("arn:aws:iam::123456789012:policy/boundary");
                it.max_session_duration = Value::Value(Int::Whole(43_200));
                it.buckets = Value::Value([Value::Unknown].into());
                it.service_account = Value::Null;
                it.service_accounts = Value::Value([text("loki"), text("loki-ruler")].into());
                it.prefix = text("teams/logging");
                it.kms_key_arns = Value::Value([text("arn:aws:kms:eu-west-1:123456789012:key/1")].into());
                it.additional_policy =
                    text(r#"{"Statement": {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}}"#);
            }),
            []
        );
        assert_eq!(errors(|it| it.oidc_issuer = Value::Unknown), [], "may turn out to be null");
        assert_eq!(errors(|it| it.mode = text("pod_identity")), []);
    }

    #[test]
    fn what_would_be_refused_is_refused_with_its_path() {
        type Case = (fn(&mut IrsaRole), &'static str, &'static str);
        let cases: [Case; 25] = [
            (|it| it.name = text("acme loki"), "name", "1 to 64"),
            (|it| it.path = text("teams"), "path", "slash"),
            (|it| it.mode = text("pods"), "mode", "pod_identity"),
            (|it| it.eks_cluster = Value::Null, "eks_cluster", "No issuer"),
            (|it| it.oidc_issuer = text("https://oidc.example"), "oidc_issuer", "Two issuers"),
            (|it| it.oidc_issuer = text("oidc.example/id/A"), "oidc_issuer", "is a URL"),
            (|it| it.namespace = text("*"), "namespace", "1 to 63"),
            (|it| it.service_account = text("Loki"), "service_account", "lowercase"),
            (|it| it.service_account = Value::Null, "service_account", "whom it lets in"),
            (|it| it.service_accounts = Value::Value([text("a")].into()), "service_accounts", "named twice"),
            (
                |it| {
                    it.service_account = Value::Null;
                    it.service_accounts = Value::Value([].into());
                },
                "service_accounts",
                "nobody",
            ),
            (
                |it| {
                    it.service_account = Value::Null;
                    it.service_accounts = Value::Value([text("*")].into());
                },
                "service_accounts",
                "lowercase",
            ),
            (|it| it.audience = text(""), "audience", "plain word"),
            (|it| it.buckets = Value::Value([].into()), "buckets", "No bucket"),
            (|it| it.buckets = Value::Value([text("acme_loki")].into()), "buckets", "acme_loki"),
            (|it| it.prefix = text("/"), "prefix", "empty"),
            (|it| it.prefix = text("teams/*"), "prefix", "expand"),
            (|it| it.kms_key_arns = Value::Value([text("arn:aws:kms:eu-west-1:1:alias/a")].into()), "kms_key_arns", ""),
            (|it| it.additional_policy = text("[]"), "additional_policy", "JSON object"),
            (|it| it.additional_policy = text("{}"), "additional_policy", "no statement"),
            (|it| it.permissions_boundary = text("boundary"), "permissions_boundary", "six parts"),
            (|it| it.max_session_duration = Value::Value(Int::Whole(60)), "max_session_duration", "3600"),
            (|it| it.tags = Value::Value([("a".into(), Value::Null)].into()), "tags[\"a\"]", "null"),
            (
                |it| {
                    it.mode = text("pod_identity");
                    it.eks_cluster = Value::Null;
                },
                "eks_cluster",
                "No cluster",
            ),
            (
                |it| {
                    it.mode = text("pod_identity");
                    it.create_oidc_provider = Value::Value(true);
                },
                "create_oidc_provider",
                "no use",
            ),
        ];
        for (change, path, text) in cases {
            let errors = errors(change);
            assert!(errors.iter().any(|(at, said)| at == path && said.contains(text)), "{text}: {errors:?}");
        }
    }
}
