//! The port's calls as `http::Request` values; sending them is the transport's business.

use std::time::Duration;

use ::kube::core::params::{
    DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy, WatchParams,
};
use ::kube::core::request::Request;
use ::kube::core::subresource::LogParams;
use serde_json::{Value, json};

use super::kinds::{self, Resource};
use super::transport::{Call, PAUSES};
use super::{Access, Apply, Delete, Error, FIELD_MANAGER, Logs, ObjectRef, Propagation, ProxyRequest, ProxyTarget};

/// Version is asked at the start of a plan, so an API server that accepts connections but does not answer must not
/// hold it up for long.
const VERSION_TIMEOUT: Duration = Duration::from_secs(8);
/// Objects per page of a list.
const PAGE: u32 = 500;
/// What is read of a container's log, as kubelet bounds it before sending.
const LOG_BYTES: i64 = 256 << 10;
/// The largest answer of a proxied backend: Loki's `/metrics` is below 1 MiB.
const PROXY_BYTES: usize = 4 << 20;
/// How long one watch lasts before it is opened anew, so that a connection which died silently is noticed.
pub(super) const WATCH: Duration = Duration::from_secs(60);

type Built = Result<http::Request<Vec<u8>>, ::kube::core::request::Error>;

fn call(action: &'static str, object: String, request: Built) -> Result<Call, Error> {
    // A name or path that cannot stand in a URL.
    let request = request.map_err(|cause| Error::Malformed(format!("{object} cannot be asked for: {cause}")))?;
    Ok(Call::new(action, object, request))
}

fn get(path: &str) -> Built {
    http::Request::get(path).body(Vec::new()).map_err(::kube::core::request::Error::BuildRequest)
}

pub(super) fn version() -> Result<Call, Error> {
    Ok(Call { timeout: VERSION_TIMEOUT, pauses: &PAUSES[..2], ..call("get", "/version".into(), get("/version"))? })
}

/// <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>
pub(super) fn issuer() -> Result<Call, Error> {
    call("get", "the issuer of tokens".into(), get("/.well-known/openid-configuration"))
}

pub(super) fn discover(api_version: &str) -> Result<Call, Error> {
    call("get", format!("API group {api_version}"), get(&kinds::root(api_version)))
}

/// `/apis/apps/v1/namespaces/loki/statefulsets`.
fn collection(api_version: &str, resource: &Resource, namespace: Option<&str>) -> Request {
    let root = kinds::root(api_version);
    Request::new(match namespace.filter(|_| resource.namespaced) {
        Some(namespace) => format!("{root}/namespaces/{namespace}/{}", resource.plural),
        None => format!("{root}/{}", resource.plural),
    })
}

/// The collection that an object is in.
fn home(object: &ObjectRef, resource: &Resource) -> Result<Request, Error> {
    if resource.namespaced && object.namespace.is_none() {
        return Err(Error::Malformed(format!("{object} has no namespace")));
    }
    Ok(collection(&object.api_version, resource, object.namespace.as_deref()))
}

pub(super) fn apply(name: &ObjectRef, resource: &Resource, object: &Value, options: Apply) -> Result<Call, Error> {
    let mut params = PatchParams::apply(FIELD_MANAGER).validation_strict();
    params.dry_run = options.dry_run;
    params.force = options.force;
    let request = home(name, resource)?.patch(&name.name, &params, &Patch::Apply(object));
    call("apply", name.to_string(), request)
}

pub(super) fn merge(name: &ObjectRef, resource: &Resource, patch: &Value) -> Result<Call, Error> {
    let params = PatchParams { field_manager: Some(FIELD_MANAGER.into()), ..PatchParams::default() };
    call("patch", name.to_string(), home(name, resource)?.patch(&name.name, &params, &Patch::Merge(patch)))
}

pub(super) fn read(name: &ObjectRef, resource: &Resource) -> Result<Call, Error> {
    call("get", name.to_string(), home(name, resource)?.get(&name.name, &GetParams::default()))
}

pub(super) fn delete(name: &ObjectRef, resource: &Resource, options: &Delete) -> Result<Call, Error> {
    let params = DeleteParams {
        propagation_policy: Some(match options.propagation {
            Propagation::Background => PropagationPolicy::Background,
            Propagation::Foreground => PropagationPolicy::Foreground,
            Propagation::Orphan => PropagationPolicy::Orphan,
        }),
        preconditions: options.uid.clone().map(|uid| Preconditions { uid: Some(uid), ..Preconditions::default() }),
        grace_period_seconds: options.grace,
        ..DeleteParams::default()
    };
    call("delete", name.to_string(), home(name, resource)?.delete(&name.name, &params))
}

/// One page of a list.
pub(super) fn page(
    api_version: &str,
    kind: &str,
    resource: &Resource,
    namespace: Option<&str>,
    selector: Option<&str>,
    resume: Option<&str>,
) -> Result<Call, Error> {
    let params = ListParams {
        label_selector: selector.map(str::to_owned),
        limit: Some(PAGE),
        continue_token: resume.map(str::to_owned),
        ..ListParams::default()
    };
    let place = namespace.map(|namespace| format!(" in namespace {namespace}")).unwrap_or_default();
    call("list", format!("kind {kind}{place}"), collection(api_version, resource, namespace).list(&params))
}

/// A list with at most one object in it, whose `resourceVersion` a watch can start from.
pub(super) fn snapshot(name: &ObjectRef, resource: &Resource) -> Result<Call, Error> {
    let params = ListParams { field_selector: Some(format!("metadata.name={}", name.name)), ..ListParams::default() };
    call("list", name.to_string(), home(name, resource)?.list(&params))
}

pub(super) fn watch(name: &ObjectRef, resource: &Resource, version: &str) -> Result<Call, Error> {
    let params = WatchParams {
        field_selector: Some(format!("metadata.name={}", name.name)),
        timeout: Some(WATCH.as_secs() as u32),
        ..WatchParams::default()
    };
    call("watch", name.to_string(), home(name, resource)?.watch(&params, version))
}

pub(super) fn review(access: &Access) -> Result<Call, Error> {
    let (resource, subresource) = access.resource.split_once('/').unwrap_or((&access.resource, ""));
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {
            "verb": access.verb,
            "group": access.group,
            "resource": resource,
            "subresource": subresource,
            "namespace": access.namespace.as_deref().unwrap_or_default(),
        }},
    });
    let request = Request::new("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    let request = request.create(&PostParams::default(), review.to_string().into_bytes());
    call("create", "SelfSubjectAccessReview".into(), request)
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>
pub(super) fn token(namespace: &str, name: &str, audience: &str) -> Result<Call, Error> {
    let wanted = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"audiences": [audience], "expirationSeconds": 600},
    });
    let account = ObjectRef::namespaced("v1", "ServiceAccount", namespace, name);
    let request = Request::new(format!("/api/v1/namespaces/{namespace}/serviceaccounts"));
    let request = request.create_subresource("token", name, &PostParams::default(), wanted.to_string().into_bytes());
    call("create a token of", account.to_string(), request)
}

pub(super) fn logs(logs: &Logs) -> Result<Call, Error> {
    let params = LogParams {
        container: logs.container.clone(),
        tail_lines: Some(logs.tail_lines.into()),
        previous: logs.previous,
        limit_bytes: Some(LOG_BYTES),
        ..LogParams::default()
    };
    let pod = ObjectRef::namespaced("v1", "Pod", &logs.namespace, &logs.pod);
    let pods = Request::new(format!("/api/v1/namespaces/{}/pods", logs.namespace));
    call("read the log", pod.to_string(), pods.logs(&logs.pod, &params))
}

/// <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>: `involvedObject` is indexed.
pub(super) fn events(namespace: &str, kind: &str, name: &str) -> Result<Call, Error> {
    let params = ListParams {
        field_selector: Some(format!("involvedObject.kind={kind},involvedObject.name={name}")),
        ..ListParams::default()
    };
    let events = Request::new(format!("/api/v1/namespaces/{namespace}/events"));
    call("list", format!("events of {kind} {namespace}/{name}"), events.list(&params))
}

/// <https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls>
pub(super) fn proxy(request: &ProxyRequest) -> Result<Call, Error> {
    let ProxyRequest { namespace, target, port, path, .. } = request;
    let (plural, kind, name) = match target {
        ProxyTarget::Service(name) => ("services", "Service", name),
        ProxyTarget::Pod(name) => ("pods", "Pod", name),
    };
    let object = ObjectRef::namespaced("v1", kind, namespace, name).to_string();
    let path = path.trim_start_matches('/');
    let mut built = http::Request::builder()
        .method(request.method.clone())
        .uri(format!("/api/v1/namespaces/{namespace}/{plural}/{name}:{port}/proxy/{path}"));
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let built = built.body(request.body.clone()).map_err(::kube::core::request::Error::BuildRequest);
    Ok(Call {
        timeout: request.timeout,
        idempotent: request.method.is_safe(),
        limit: PROXY_BYTES,
        ..call("proxy", object, built)?
    })
}
