//! `bucket_policy`: what Loki may do with its bucket.

use super::argument::Object;
use crate::iam::{StoragePolicy, arn, name};
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Type};

/// The function.
pub struct BucketPolicy;

const OPTIONS: [&str; 5] = ["partition", "prefix", "kms_key_arn", "tls_only", "role_arns"];

impl Function for BucketPolicy {
    const NAME: &'static str = "bucket_policy";

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter {
                name: "bucket".into(),
                kind: Type::String,
                description: "Name of the bucket.".into(),
                ..Parameter::default()
            }],
            variadic: Some(Parameter {
                name: "options".into(),
                kind: Type::Dynamic,
                description: OPTIONS_TEXT.into(),
                ..Parameter::default()
            }),
            returns: Type::String,
            summary: "The IAM policy for Loki's bucket".into(),
            description: DESCRIPTION.into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(bucket), options @ ..] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes the name of a bucket.").at(0));
        };
        if let Some(why) = name::bucket_problem(bucket) {
            return Err(FunctionProblem::new(why).at(0));
        }
        let mut policy =
            StoragePolicy { partition: "aws".to_owned(), buckets: [bucket.clone()].into(), ..StoragePolicy::default() };
        match options {
            [] => {}
            [options] => set(&mut policy, &Object::of(options, "options", 1, &OPTIONS)?)?,
            _ => return Err(FunctionProblem::new("At most one object of options is taken.").at(2)),
        }
        Ok(Cty::String(policy.document().to_string()))
    }
}

const OPTIONS_TEXT: &str = "At most one object with any of the attributes `partition` (`aws`, `aws-cn`, `aws-us-gov`, …; \
without it that of the role or key, else `aws`), `prefix` (below which the objects are, as `storage_prefix` of Loki has \
it), `kms_key_arn` (the key that the objects are encrypted with), `tls_only` (`true` denies requests without TLS) and \
`role_arns` (makes it the bucket's own policy, which lets these roles in).";

const DESCRIPTION: &str =
    "A policy document (JSON) with exactly what Loki does with its bucket: list it; read, write and \
delete its objects. It is that of `loki_irsa_role`, for roles that are made elsewhere: the policy of a role, or, with \
`role_arns`, the policy of the bucket. The same arguments always give the same text.

With `kms_key_arn` the role may also use that key; a bucket's own policy cannot grant that, so not together with \
`role_arns`.";

fn set(policy: &mut StoragePolicy, options: &Object<'_>) -> Result<(), FunctionProblem> {
    policy.prefix = options.text("prefix")?.unwrap_or_default().trim_matches('/').to_owned();
    if policy.prefix.contains(['*', '?', '$']) {
        return Err(options.problem("prefix", "must not have *, ? or $, which IAM would expand."));
    }
    policy.tls_only = options.flag("tls_only")?;
    policy.kms_keys = options.text("kms_key_arn")?.into_iter().collect();
    policy.roles = options.texts("role_arns")?.into_iter().collect();
    if let Some(key) = policy.kms_keys.first() {
        let why = match arn::kms_region(key) {
            Ok(_) if !policy.roles.is_empty() => Some("goes into the roles' policies, not with role_arns.".to_owned()),
            // https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
            Ok(_) if key.contains(":alias/") => {
                Some("must be the key's own, not an alias': IAM knows no aliases.".to_owned())
            }
            Ok(_) => None,
            Err(why) => Some(format!("is not usable: {why}")),
        };
        if let Some(why) = why {
            return Err(options.problem("kms_key_arn", &why));
        }
    }
    if let Some(why) = policy.roles.iter().find_map(|role| arn::role_name(role).err()) {
        return Err(options.problem("role_arns", &format!("is not usable: {why}")));
    }
    let owner =
        policy.kms_keys.iter().chain(&policy.roles).find_map(|arn| arn::owner(arn)).map(|(it, _)| it.to_owned());
    if let Some(partition) = options.text("partition")?.or(owner) {
        let fits = partition == "aws"
            || partition.strip_prefix("aws-").is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            });
        if !fits {
            return Err(
                options.problem("partition", "must be a partition of AWS: aws, aws-cn, aws-us-gov or the like.")
            );
        }
        policy.partition = partition;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::PolicyDocument;

    fn call(bucket: &str, options: &[(&'static str, Cty)]) -> Result<String, FunctionProblem> {
        let options = Cty::Map(options.iter().map(|(key, value)| ((*key).into(), value.clone())).collect());
        match BucketPolicy.call(vec![text(bucket), options])? {
            Cty::String(policy) => Ok(policy),
            other => panic!("a text: {other:?}"),
        }
    }

    fn text(text: &str) -> Cty {
        Cty::String(text.to_owned())
    }

    const ROLE: &str = "arn:aws-cn:iam::123456789012:role/loki";
    const KEY: &str = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/1234";

    #[test]
    fn it_is_the_policy_of_the_role() {
        let policy = PolicyDocument::loki_storage("aws", &["logs"]).to_string();
        assert_eq!(BucketPolicy.call(vec![text("logs")]), Ok(text(&policy)));
        assert_eq!(call("logs", &[("prefix", Cty::Null), ("tls_only", Cty::Bool(false))]), Ok(policy));
    }

    #[test]
    fn options_are_heeded() {
        let policy = call("logs", &[("partition", text("aws-us-gov")), ("prefix", text("/loki/"))]).unwrap();
        assert!(policy.contains("arn:aws-us-gov:s3:::logs/loki/*"), "{policy}");
        let policy = call("logs", &[("kms_key_arn", text(KEY)), ("tls_only", Cty::Bool(true))]).unwrap();
        assert!(policy.contains(KEY) && policy.contains("Deny") && policy.contains("arn:aws-us-gov:s3"), "{policy}");
        let policy = call("logs", &[("role_arns", Cty::List(vec![text(ROLE)]))]).unwrap();
        assert!(policy.contains(ROLE) && policy.contains("arn:aws-cn:s3:::logs"), "{policy}");
    }

    #[test]
    fn what_aws_would_refuse_is_refused() {
        assert_eq!(call("Logs", &[]).unwrap_err().argument, Some(0));
        for (options, words) in [
            (vec![("partitoin", text("aws"))], "partitoin"),
            (vec![("partition", text("azure"))], "options.partition"),
            (vec![("kms_key_arn", text("alias/logs"))], "options.kms_key_arn"),
            (vec![("kms_key_arn", text("arn:aws:kms:eu-west-1:123456789012:alias/logs"))], "aliases"),
            (vec![("kms_key_arn", text(KEY)), ("role_arns", Cty::List(vec![text(ROLE)]))], "roles' policies"),
            (vec![("role_arns", Cty::List(vec![text("loki")]))], "options.role_arns"),
            (vec![("prefix", text("a*"))], "options.prefix"),
            (vec![("tls_only", text("maybe"))], "true or false"),
        ] {
            let problem = call("logs", &options).unwrap_err();
            assert!(problem.text.contains(words), "{words}: {problem}");
            assert_eq!(problem.argument, Some(1));
        }
    }
}
