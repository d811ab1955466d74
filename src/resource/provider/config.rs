use std::collections::BTreeMap;

use crate::resource::duration;
use crate::schema::{AttributePath, Diagnostics, Int, Problem, Report, Schematic, Set, Value, at};
use crate::{aws, kube};

/// Deploys Grafana Loki and keeps checking it: the bucket, the least-privilege role, the stack on Kubernetes.
///
/// **Plan is a check phase**: what would fail is said before anything changes. **Apply is a deploy phase** that
/// explains itself. **Read is a test phase**: the health of the live stack, with reasons.
///
/// Nothing is dialled before a resource needs it, so a configuration with buckets alone needs no cluster. What this
/// block leaves out is taken from the environment as the AWS SDKs and `kubectl` do.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ProviderConfig {
    /// The AWS account: for `loki_bucket_storage`, `loki_irsa_role` and the tokens of an EKS cluster.
    #[attr(optional)]
    pub aws: Value<Aws>,
    /// The Kubernetes cluster: for `loki_stack`. One of `eks_cluster`, `config_path`, `host` or `in_cluster` says how
    /// to reach it; without any of them the environment does.
    #[attr(optional)]
    pub kubernetes: Value<Kubernetes>,
}

/// How to reach AWS.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Aws {
    /// Region, such as `eu-west-1`. Environment: `AWS_REGION`, then the profile's.
    #[attr(optional)]
    pub region: Value<String>,
    /// Profile of the shared configuration files. Environment: `AWS_PROFILE`.
    #[attr(optional)]
    pub profile: Value<String>,
    /// Access key id. Environment: `AWS_ACCESS_KEY_ID`.
    #[attr(optional)]
    pub access_key: Value<String>,
    /// Secret access key. Environment: `AWS_SECRET_ACCESS_KEY`.
    #[attr(optional, sensitive)]
    pub secret_key: Value<String>,
    /// Session token of temporary keys. Environment: `AWS_SESSION_TOKEN`.
    #[attr(optional, sensitive)]
    pub token: Value<String>,
    /// Shared configuration files, instead of the one in the home folder. Environment: `AWS_CONFIG_FILE`.
    #[attr(optional)]
    pub shared_config_files: Value<Vec<Value<String>>>,
    /// Shared credentials files, instead of the one in the home folder. Environment: `AWS_SHARED_CREDENTIALS_FILE`.
    #[attr(optional)]
    pub shared_credentials_files: Value<Vec<Value<String>>>,
    /// Signing in with the token of somebody else, such as a CI system's. Environment: `AWS_ROLE_ARN` with
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, which is what HCP Terraform's dynamic credentials set.
    #[attr(optional)]
    pub assume_role_with_web_identity: Value<AssumeRoleWithWebIdentity>,
    /// Roles to assume, each with the credentials of the one before it.
    #[attr(optional)]
    pub assume_role: Value<Vec<Value<AssumeRole>>>,
    /// Endpoints other than Amazon's own, such as a VPC endpoint or a test server.
    #[attr(optional)]
    pub endpoints: Value<Endpoints>,
    /// Whether S3 requests carry the bucket in the path instead of the host name, as most S3-compatible servers need.
    #[attr(optional)]
    pub use_path_style: Value<bool>,
    /// Ids of the accounts to work in: with credentials of any other nothing is asked and nothing changed.
    #[attr(optional)]
    pub allowed_account_ids: Value<Set<Value<String>>>,
    /// Ids of accounts never to work in.
    #[attr(optional)]
    pub forbidden_account_ids: Value<Set<Value<String>>>,
    /// How often a request that fails for a while is repeated at once, before the longer pauses of an apply. Without it: 2.
    #[attr(optional)]
    pub max_retries: Value<Int>,
    /// `standard`, or `adaptive`, which also slows down to what AWS lets through. Environment: none.
    #[attr(optional, default = "standard")]
    pub retry_mode: Value<String>,
    /// Whether endpoints are used that answer over IPv6 too. Environment: `AWS_USE_DUALSTACK_ENDPOINT`.
    #[attr(optional)]
    pub use_dualstack_endpoint: Value<bool>,
    /// Whether endpoints with FIPS 140 cryptography are used. Environment: `AWS_USE_FIPS_ENDPOINT`.
    #[attr(optional)]
    pub use_fips_endpoint: Value<bool>,
    /// Path of a PEM file of certificate authorities to trust besides the system's. Environment: `AWS_CA_BUNDLE`.
    #[attr(optional)]
    pub custom_ca_bundle: Value<String>,
    /// URL of the proxy of all requests to AWS, `http://user:password@host:port`. Environment: `HTTPS_PROXY`, `HTTP_PROXY`.
    #[attr(optional, sensitive)]
    pub proxy_url: Value<String>,
    /// Hosts that are reached without `proxy_url`, separated by commas. Environment: `NO_PROXY`, for the environment's
    /// proxies.
    #[attr(optional)]
    pub no_proxy: Value<String>,
    /// Tags of everything that is created in the account. A resource's own tags beat them.
    #[attr(optional)]
    pub default_tags: Value<BTreeMap<String, Value<String>>>,
}

/// A role to assume.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct AssumeRole {
    /// ARN of the role.
    #[attr(required)]
    pub role_arn: Value<String>,
    /// Name of the session, as CloudTrail shows it. Without it: `terraform-provider-loki`.
    #[attr(optional)]
    pub session_name: Value<String>,
    /// External id that the role's trust policy asks for.
    #[attr(optional, sensitive)]
    pub external_id: Value<String>,
    /// How long the session lasts, such as `1h`: 15 minutes up to the role's maximum.
    #[attr(optional)]
    pub duration: Value<String>,
    /// Session policy (JSON) that narrows what the role may do.
    #[attr(optional)]
    pub policy: Value<String>,
}

/// Signing in with somebody else's token.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct AssumeRoleWithWebIdentity {
    /// ARN of the role.
    #[attr(required)]
    pub role_arn: Value<String>,
    /// The token. Either this or `web_identity_token_file`.
    #[attr(optional, sensitive)]
    pub web_identity_token: Value<String>,
    /// Path of the file that holds the token. Either this or `web_identity_token`.
    #[attr(optional)]
    pub web_identity_token_file: Value<String>,
    /// Name of the session, as CloudTrail shows it. Without it: `terraform-provider-loki`.
    #[attr(optional)]
    pub session_name: Value<String>,
    /// How long the session lasts, such as `1h`: 15 minutes up to the role's maximum.
    #[attr(optional)]
    pub duration: Value<String>,
    /// Session policy (JSON) that narrows what the role may do.
    #[attr(optional)]
    pub policy: Value<String>,
}

/// Endpoint URLs.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Endpoints {
    /// URL of S3. Environment: `AWS_ENDPOINT_URL_S3`.
    #[attr(optional)]
    pub s3: Value<String>,
    /// URL of IAM. Environment: `AWS_ENDPOINT_URL_IAM`.
    #[attr(optional)]
    pub iam: Value<String>,
    /// URL of STS. Environment: `AWS_ENDPOINT_URL_STS`.
    #[attr(optional)]
    pub sts: Value<String>,
    /// URL of EKS. Environment: `AWS_ENDPOINT_URL_EKS`.
    #[attr(optional)]
    pub eks: Value<String>,
    /// URL of KMS. Environment: `AWS_ENDPOINT_URL_KMS`.
    #[attr(optional)]
    pub kms: Value<String>,
}

/// How to reach the cluster.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Kubernetes {
    /// Name of an EKS cluster: its address is looked up and its token made here, with the credentials of `aws`.
    #[attr(optional)]
    pub eks_cluster: Value<String>,
    /// Path of a kubeconfig file. Environment: `KUBE_CONFIG_PATH`, `KUBE_CONFIG_PATHS`, `KUBECONFIG`, then
    /// `~/.kube/config`.
    #[attr(optional)]
    pub config_path: Value<String>,
    /// Context of the kubeconfig; without it the current one. Environment: `KUBE_CTX`.
    #[attr(optional)]
    pub config_context: Value<String>,
    /// URL of the API server. With `eks_cluster`: another address for it than EKS names. Environment: `KUBE_HOST`.
    #[attr(optional)]
    pub host: Value<String>,
    /// Bearer token. Environment: `KUBE_TOKEN`.
    #[attr(optional, sensitive)]
    pub token: Value<String>,
    /// PEM certificates that the API server's must chain to. Environment: `KUBE_CLUSTER_CA_CERT_DATA`.
    #[attr(optional)]
    pub cluster_ca_certificate: Value<String>,
    /// PEM client certificate. Environment: `KUBE_CLIENT_CERT_DATA`.
    #[attr(optional)]
    pub client_certificate: Value<String>,
    /// PEM key of the client certificate. Environment: `KUBE_CLIENT_KEY_DATA`.
    #[attr(optional, sensitive)]
    pub client_key: Value<String>,
    /// Whether any certificate of the API server is accepted. Environment: `KUBE_INSECURE`.
    #[attr(optional)]
    pub insecure: Value<bool>,
    /// Name that the API server's certificate must carry, where it is not the host's. Environment:
    /// `KUBE_TLS_SERVER_NAME`.
    #[attr(optional)]
    pub tls_server_name: Value<String>,
    /// URL of a proxy. Environment: `KUBE_PROXY_URL`.
    #[attr(optional, sensitive)]
    pub proxy_url: Value<String>,
    /// Credential plugin, as a kubeconfig has it.
    #[attr(optional)]
    pub exec: Value<Exec>,
    /// Whether to use the service account of the pod that Terraform runs in.
    #[attr(optional)]
    pub in_cluster: Value<bool>,
}

/// A credential plugin.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct Exec {
    /// `client.authentication.k8s.io/v1` or `client.authentication.k8s.io/v1beta1`.
    #[attr(required)]
    pub api_version: Value<String>,
    /// The command.
    #[attr(required)]
    pub command: Value<String>,
    /// Its arguments.
    #[attr(optional)]
    pub args: Value<Vec<Value<String>>>,
    /// Environment variables for it.
    #[attr(optional, sensitive)]
    pub env: Value<BTreeMap<String, Value<String>>>,
}

impl ProviderConfig {
    /// Refuses what contradicts itself; says nothing about what is unknown.
    pub(super) fn validate(&self, report: &mut Diagnostics) {
        if let (Value::Value(block), None) = (&self.aws, self.aws_unknown()) {
            for (path, text) in block.settings().problems() {
                let path = path.split('.').fold(at("aws"), |path, step| match step.parse::<i64>() {
                    Ok(index) => path.index(index),
                    Err(_) => path.attribute(step.to_owned()),
                });
                report.refuse(Problem::new(summary!("The AWS settings are not usable")).at(path).why(text));
            }
            block.validate(report);
            for (index, role) in (0i64..).zip(block.assume_role.as_ref().unwrap_or(&Vec::new())) {
                if let Value::Value(AssumeRole { duration: Value::Value(text), .. }) = role
                    && duration(text).is_none()
                {
                    report.refuse(
                        Problem::new(summary!("The duration cannot be read"))
                            .at(at("aws").attribute("assume_role").index(index).attribute("duration"))
                            .why(format!("{text:?} is no duration."))
                            .fix("Write it like \"15m\" or \"1h\"."),
                    );
                }
            }
        }
        if let Value::Value(kubernetes) = &self.kubernetes {
            kubernetes.validate(report);
        }
    }

    /// The unknown paths below `aws`, when there are any.
    pub(super) fn aws_unknown(&self) -> Option<Vec<AttributePath>> {
        unknown(&self.aws)
    }

    /// Whether the cluster is one of EKS.
    pub(super) fn uses_eks(&self) -> bool {
        matches!(&self.kubernetes, Value::Value(kubernetes) if !kubernetes.eks_cluster.is_null())
    }

    /// The unknown paths below `kubernetes`, when there are any.
    pub(super) fn kubernetes_unknown(&self) -> Option<Vec<AttributePath>> {
        unknown(&self.kubernetes)
    }
}

fn unknown<T: Schematic>(block: &Value<T>) -> Option<Vec<AttributePath>> {
    let paths = match block {
        Value::Unknown => vec![AttributePath::root()],
        Value::Value(block) => block.unknowns(),
        Value::Null => Vec::new(),
    };
    (!paths.is_empty()).then_some(paths)
}

impl Kubernetes {
    fn validate(&self, report: &mut Diagnostics) {
        let ways = [
            ("config_path", !self.config_path.is_null()),
            ("in_cluster", self.in_cluster == Value::Value(true)),
            ("eks_cluster", !self.eks_cluster.is_null()),
            // With eks_cluster the host is only another address of the same cluster.
            ("host", !self.host.is_null() && self.eks_cluster.is_null()),
        ];
        let set: Vec<&str> = ways.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        if let [_, second, ..] = set[..] {
            report.refuse(
                Problem::new(summary!("More than one cluster is named"))
                    .at(at("kubernetes").attribute(second))
                    .why(format!("{} are set, and each of them says which cluster is meant.", set.join(" and ")))
                    .fix("Keep one of them."),
            );
        }
        if self.client_certificate.is_null() != self.client_key.is_null() {
            report.refuse(
                Problem::new(summary!("A client certificate needs its key"))
                    .at(at("kubernetes").attribute("client_certificate"))
                    .why("Only one of client_certificate and client_key is set.")
                    .fix("Set both or neither."),
            );
        }
    }

    /// The settings of the port; the EKS cluster is looked up by the caller.
    pub(super) fn settings(&self) -> kube::Settings {
        kube::Settings {
            config_path: self.config_path.clone().as_option().map(Into::into),
            config_context: self.config_context.clone().as_option(),
            host: self.host.clone().as_option(),
            token: self.token.clone().as_option().map(|token| kube::TokenSource::Static(token.into())),
            cluster_ca_certificate: self.cluster_ca_certificate.clone().as_option(),
            client_certificate: self.client_certificate.clone().as_option(),
            client_key: self.client_key.clone().as_option().map(Into::into),
            insecure: self.insecure.as_option(),
            tls_server_name: self.tls_server_name.clone().as_option(),
            proxy_url: self.proxy_url.clone().as_option().map(Into::into),
            exec: self.exec.clone().as_option().map(|exec| kube::Exec {
                api_version: exec.api_version.unwrap_or_default(),
                command: exec.command.unwrap_or_default(),
                args: exec.args.unwrap_or_default().into_iter().filter_map(Value::as_option).collect(),
                env: exec
                    .env
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value.as_option()?.into())))
                    .collect(),
            }),
            in_cluster: self.in_cluster.as_option().unwrap_or_default(),
        }
    }
}

impl Aws {
    fn validate(&self, report: &mut Diagnostics) {
        let path = || at("aws");
        if let Some(mode) = self.retry_mode.as_deref_option().filter(|mode| !["standard", "adaptive"].contains(mode)) {
            report.refuse(
                Problem::new(summary!("The retry mode is not known"))
                    .at(path().attribute("retry_mode"))
                    .why(format!("{mode:?} is none."))
                    .fix("Use \"standard\" or \"adaptive\"."),
            );
        }
        if let Some(retries) = self.max_retries.as_ref_option().map(Int::get)
            && !(0..=100).contains(&retries)
        {
            report.refuse(
                Problem::new(summary!("The number of retries is not usable"))
                    .at(path().attribute("max_retries"))
                    .why(format!("It is between 0 and 100; this is {retries}.")),
            );
        }
        crate::resource::account::validate_tags_at(&path().attribute("default_tags"), &self.default_tags, report);
        let Some(web) = self.assume_role_with_web_identity.as_ref_option() else { return };
        let path = path().attribute("assume_role_with_web_identity");
        if web.web_identity_token.is_null() == web.web_identity_token_file.is_null() {
            report.refuse(
                Problem::new(summary!("The web identity needs one token"))
                    .at(path.clone())
                    .why("Either both of web_identity_token and web_identity_token_file are set, or neither.")
                    .fix("Set one of them."),
            );
        }
        if let Some(text) = web.duration.as_deref_option().filter(|text| duration(text).is_none()) {
            report.refuse(
                Problem::new(summary!("The duration cannot be read"))
                    .at(path.attribute("duration"))
                    .why(format!("{text:?} is no duration."))
                    .fix("Write it like \"15m\" or \"1h\"."),
            );
        }
    }

    /// The settings of the port.
    pub(super) fn settings(&self) -> aws::Settings {
        let endpoints = self.endpoints.clone().as_option().unwrap_or_default();
        aws::Settings {
            region: self.region.clone().as_option(),
            profile: self.profile.clone().as_option(),
            access_key: self.access_key.clone().as_option(),
            secret_key: self.secret_key.clone().as_option().map(Into::into),
            token: self.token.clone().as_option().map(Into::into),
            assume_role: self
                .assume_role
                .clone()
                .as_option()
                .unwrap_or_default()
                .into_iter()
                .filter_map(Value::as_option)
                .map(|role| aws::AssumeRole {
                    role_arn: role.role_arn.unwrap_or_default(),
                    session_name: role.session_name.clone().as_option(),
                    external_id: role.external_id.clone().as_option().map(Into::into),
                    duration: role.duration.clone().as_option().and_then(|text| duration(&text)),
                    policy: role.policy.clone().as_option(),
                })
                .collect(),
            endpoints: aws::Endpoints {
                s3: endpoints.s3.clone().as_option(),
                iam: endpoints.iam.clone().as_option(),
                sts: endpoints.sts.clone().as_option(),
                eks: endpoints.eks.clone().as_option(),
                kms: endpoints.kms.clone().as_option(),
            },
            use_path_style: self.use_path_style.as_option().unwrap_or_default(),
            web_identity: self.assume_role_with_web_identity.clone().as_option().map(|web| {
                let given = web.web_identity_token.clone().as_option();
                aws::AssumeRoleWithWebIdentity {
                    role_arn: web.role_arn.clone().unwrap_or_default(),
                    token: match given {
                        Some(token) => aws::WebIdentityToken::Given(token.into()),
                        None => aws::WebIdentityToken::File(web.web_identity_token_file.clone().unwrap_or_default()),
                    },
                    session_name: web.session_name.clone().as_option(),
                    duration: web.duration.clone().as_option().and_then(|text| duration(&text)),
                    policy: web.policy.as_option(),
                }
            }),
            shared_config_files: all(self.shared_config_files.as_ref_option().map(|it| &**it)),
            shared_credentials_files: all(self.shared_credentials_files.as_ref_option().map(|it| &**it)),
            use_dualstack_endpoint: self.use_dualstack_endpoint.as_option(),
            use_fips_endpoint: self.use_fips_endpoint.as_option(),
            custom_ca_bundle: self.custom_ca_bundle.clone().as_option(),
            proxy_url: self.proxy_url.clone().as_option().map(Into::into),
            no_proxy: self.no_proxy.clone().as_option(),
            max_retries: self.max_retries.as_ref_option().and_then(|it| u32::try_from(it.get()).ok()),
            adaptive_retries: self.retry_mode.as_deref_option().is_some_and(|mode| mode == "adaptive"),
            allowed_account_ids: all(self.allowed_account_ids.as_ref_option().map(|it| &**it)),
            forbidden_account_ids: all(self.forbidden_account_ids.as_ref_option().map(|it| &**it)),
        }
    }
}

/// Those that are known.
fn all(texts: Option<&[Value<String>]>) -> Vec<String> {
    texts.unwrap_or_default().iter().filter_map(|it| it.as_ref_option().cloned()).collect()
}
