#!/usr/bin/env bash
# Lays out a new resource: its file, its line in the registry, its example, and a test to go on from. It compiles, and the
# architecture tests take it, once `make docs` has written its page.
# usage: new-resource.sh NAME      of letters, digits and _, such as loki_thing
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:-}
[[ $name =~ ^loki_[a-z][a-z0-9_]*$ ]] || { sed -n '2,4p' "$0" >&2; exit 2; }
[ ! -e "src/resource/$name.rs" ] || { echo "new-resource: src/resource/$name.rs is there already" >&2; exit 1; }
type=$(sed -E 's/(^|_)([a-z])/\U\2/g' <<< "$name") # LokiThing

cat > "src/resource/$name.rs" <<RUST
//! \`$name\`: TODO what it is.

use async_trait::async_trait;

use super::{Call, Change, Resource};
use crate::schema::{Diagnostics, Problem, Report, Schematic, Value, at};

/// TODO: what it is, and the permissions that Terraform's identity needs for it.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct $type {
    /// Its name. Changing it replaces the resource.
    #[attr(required, replace)]
    pub name: Value<String>,
}

/// What names it for ever.
#[derive(Schematic, Clone, Debug, Default, PartialEq)]
pub struct ${type}Identity {
    /// Its name.
    #[attr(required)]
    pub name: Value<String>,
}

/// The resource.
pub struct ${type}Resource;

#[async_trait]
impl Resource for ${type}Resource {
    type State = $type;
    type Identity = ${type}Identity;
    const TYPE: &'static str = "$name";

    fn identity(&self, state: &$type) -> Option<${type}Identity> {
        state.name.as_ref_option().map(|_| ${type}Identity { name: state.name.clone() })
    }

    fn id_of(&self, identity: &${type}Identity) -> Result<String, Problem> {
        Ok(identity.name.clone().unwrap_or_default())
    }

    fn validate(&self, config: &$type, report: &mut Diagnostics) {
        if config.name.as_ref_option().is_some_and(|name| name.is_empty()) {
            report.refuse(
                Problem::new(summary!("The name of $name is empty"))
                    .at(at("name"))
                    .why("TODO: the rule, and whose it is.")
                    .fix("Give it a name."),
            );
        }
    }

    async fn check(&self, _call: &Call, _change: &mut Change<'_, $type>, _report: &mut Diagnostics) {}

    async fn create(&self, _call: &Call, planned: &$type, state: &mut Option<$type>, _report: &mut Diagnostics) {
        *state = Some(planned.clone());
    }

    async fn update(&self, _call: &Call, planned: &$type, state: &mut Option<$type>, _report: &mut Diagnostics) {
        *state = Some(planned.clone());
    }

    async fn delete(&self, _call: &Call, state: &mut Option<$type>, _report: &mut Diagnostics) {
        *state = None;
    }

    async fn test(&self, _call: &Call, _state: &mut Option<$type>, _report: &mut Diagnostics) {}

    async fn import(&self, _call: &Call, id: &str, state: &mut Option<$type>, _report: &mut Diagnostics) {
        *state = Some($type { name: Value::Value(id.to_owned()) });
    }
}
RUST

sed -i "0,/^mod loki_bucket_usage;/s//mod $name;\n&/" src/resource.rs
sed -i "0,/^use super::loki_bucket_usage/s//use super::$name::${type}Resource;\n&/; s/^        \.data_source(BucketUsage/        .resource(${type}Resource)\n&/" src/resource/registry.rs
cargo fmt --all

mkdir -p "examples/resources/$name"
printf 'resource "%s" "main" {\n  name = "main"\n}\n' "$name" > "examples/resources/$name/resource.tf"
printf 'terraform import %s.main main\n' "$name" > "examples/resources/$name/import.sh"
printf 'import {\n  to       = %s.main\n  identity = { name = "main" }\n}\n' "$name" > "examples/resources/$name/import-by-identity.tf"

cat > "tests/acceptance/$name.rs" <<RUST
//! \`$name\`, by real terraform.

use crate::support::Workspace;

#[test]
fn a_life() {
    let workspace = Workspace::with("${name//_/-}", "resource \"$name\" \"main\" {\n  name = \"NAME\"\n}\n");
    workspace.apply().succeeds().says(&["1 added"]);
    workspace.plan().succeeds();
    workspace.destroy().succeeds().says(&["1 destroyed"]);
}
RUST
sed -i "0,/^mod netobserv;/s//mod $name;\n&/" tests/acceptance/main.rs
echo "new-resource: $name is laid out; \`make docs\` writes its page, and what is TODO is yours"
