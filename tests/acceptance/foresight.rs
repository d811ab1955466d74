//! What the plan says before apply would fail: room, quotas, the role's trust, what is referred to and is not there.

use std::time::Duration;

use serde_json::json;

use crate::support::{ISSUER, Outcome, Workspace, aws, kubectl, lab, trust_policy, wait_until};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name      = "loki"
  namespace = "NAME"
  storage   = { s3 = { bucket = "NAME", region = "eu-west-1", endpoint = "AWS" } }
  schema    = [{ from = "2024-04-01", version = "v13" }]
  MORE
}
"#;

struct Place(Workspace);

impl Place {
    fn new(test: &str) -> Self {
        let workspace = Workspace::with(test, "");
        kubectl(&["create", "namespace", &workspace.name]);
        Self(workspace)
    }

    fn plan_of(&self, more: &str) -> Outcome {
        self.0.main(&STACK.replace("AWS", &lab().aws_endpoint).replace("MORE", more));
        self.0.plan()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        kubectl(&["delete", "namespace", &self.0.name, "--wait=false"]);
    }
}

#[test]
fn pods_that_no_node_has_room_for_are_named() {
    let place = Place::new("room");
    place.plan_of("mode = \"distributed\"\n  size = \"large\"").has_changes().says(&[
        "The nodes have no room for all pods",
        "12 of 12 pods of loki-ingester (6000m CPU and 30720Mi of memory each)",
    ]);
    let cache = "mode = \"distributed\"\n  size = \"demo\"\n  caches = { chunks = { memory = \"96Gi\" } }";
    place.plan_of(cache).has_changes().says(&["1 of 1 pods of loki-chunks-cache"]);
    place.plan_of("replicas = 1").has_changes().never_says(&["no room"]);
}

#[test]
fn a_quota_is_told_before_pods_are_missing() {
    let place = Place::new("quota");
    kubectl(&["create", "quota", "team", "-n", &place.0.name, "--hard=pods=2,persistentvolumeclaims=9"]);
    wait_until("the quota counts", Duration::from_secs(20), || {
        kubectl(&["get", "quota", "team", "-n", &place.0.name, "-o", "jsonpath={.status.hard.pods}"]) == "2"
    });
    place
        .plan_of("replicas = 3")
        .has_changes()
        .says(&["The quota \"team\" does not leave enough pods", "2 is allowed"]);
    place.plan_of("replicas = 1").has_changes().never_says(&["The quota"]);
}

#[test]
fn what_is_referred_to_and_is_not_there_is_named() {
    let place = Place::new("references");
    let namespace = place.0.name.clone();
    let credentials = "credentials = { existing_secret = \"keys\" }";
    let with_keys = |more: &str| {
        let text = STACK.replace("AWS", &lab().aws_endpoint).replace("MORE", more);
        place.0.main(&text.replace("endpoint = ", &format!("{credentials}, endpoint = ")));
        place.0.plan()
    };
    with_keys("priority_class_name = \"logs\"\n  persistence = { storage_class = \"fast\" }").has_changes().says(&[
        &format!("Secret {namespace}/keys does not exist yet"),
        "StorageClass fast does not exist yet",
        "PriorityClass logs does not exist yet",
    ]);
    with_keys("gateway = { users_secret = \"users\", tls_secret = \"tls\", dns_service = \"dns.kube-system\" }")
        .has_changes()
        .says(&[
            &format!("Secret {namespace}/users does not exist yet"),
            &format!("Secret {namespace}/tls does not exist yet"),
            "Service kube-system/dns does not exist yet",
        ]);
    kubectl(&["create", "secret", "generic", "keys", "-n", &namespace, "--from-literal=AWS_ACCESS_KEY_ID=a"]);
    with_keys("")
        .fails()
        .says(&[&format!("Secret {namespace}/keys does not hold what it must"), "AWS_SECRET_ACCESS_KEY"]);
    kubectl(&["patch", "secret", "keys", "-n", &namespace, "-p", r#"{"stringData":{"AWS_SECRET_ACCESS_KEY":"b"}}"#]);
    with_keys("").has_changes().never_says(&["Secret"]);
}

#[test]
fn a_role_that_does_not_let_the_pods_in_is_told() {
    let place = Place::new("trust");
    let name = place.0.name.clone();
    let role =
        |account: &str| trust_policy(ISSUER, &format!("system:serviceaccount:{name}:{account}"), "sts.amazonaws.com");
    let document = json!({"RoleName": name, "AssumeRolePolicyDocument": role("loki-old")});
    aws("iam", "create_role", document).expect("the role is made");
    let arn = format!("arn:aws:iam::123456789012:role/{name}");
    let more = format!("service_account = {{ role_arn = \"{arn}\" }}");
    place.plan_of(&more).has_changes().says(&[
        &format!("The role \"{name}\" does not let Loki in"),
        &format!("lets in system:serviceaccount:{name}:loki-old"),
        &format!("are system:serviceaccount:{name}:loki"),
    ]);
    let document = json!({"RoleName": name, "PolicyDocument": role("loki")});
    aws("iam", "update_assume_role_policy", document).expect("the trust is changed");
    place.plan_of(&more).has_changes().never_says(&["does not let Loki in"]);
    let other = format!("service_account = {{ role_arn = \"{arn}-gone\" }}");
    // It may come in the same apply.
    place.plan_of(&other).has_changes().never_says(&["The role"]);
    aws("iam", "delete_role", json!({"RoleName": name})).expect("the role goes");
}
