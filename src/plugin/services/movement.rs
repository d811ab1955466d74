//! `moved` between the names of a resource.

use super::value::{dynamic, identity};
use super::{Plugin, Rpc};
use crate::plugin::ADDRESS;
use crate::proto::tfplugin6 as tf;
use crate::schema::{Problem, wire_diagnostics};

/// Whether an address names this provider, on whichever registry or mirror and under whichever namespace: the names of
/// the types say the rest.
fn ours(address: &str) -> bool {
    address.rsplit('/').next() == ADDRESS.rsplit('/').next()
}

impl Rpc for tf::move_resource_state::Request {
    const NAME: &'static str = "MoveResourceState";
    type Answer = tf::move_resource_state::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.target_type_name)?;
        let names = resource.names();
        if !ours(&self.source_provider_address) || !names.contains(&self.source_type_name.as_str()) {
            let (source, target) = (&self.source_type_name, &self.target_type_name);
            return Err(Problem::new(summary!("{target} cannot take over the state of {source}"))
                .why(format!(
                    "The object is a {source} of {}. What moves to {target} is of this provider and one of: {}.",
                    self.source_provider_address,
                    names.join(", "),
                ))
                .fix(
                    "Take the `moved` block out. A `removed` block with destroy = false makes Terraform forget the \
                     object, and an `import` block takes it over from there.",
                ));
        }
        let state = self.source_state.unwrap_or_default().json;
        let moved = resource.upgrade(self.source_schema_version, state).await;
        let mut diagnostics = moved.diagnostics;
        let stored = self.source_identity.unwrap_or_default().json;
        let mut carried = None;
        if !stored.is_empty() {
            let (upgraded, said) = resource.upgrade_identity(self.source_identity_schema_version, stored).await;
            carried = upgraded;
            diagnostics.errors.extend(said.errors);
            diagnostics.warnings.extend(said.warnings);
        }
        answer.target_state = dynamic(moved.state);
        answer.target_identity = identity(carried.or(moved.identity));
        answer.target_private = self.source_private;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_is_known_on_every_registry() {
        for address in
            [ADDRESS, "registry.opentofu.org/lokiops/loki", "mirror.example.com/platform/loki", "loki", "lokiops/loki"]
        {
            assert!(ours(address), "{address}");
        }
        for address in ["registry.terraform.io/hashicorp/aws", "", "registry.terraform.io/lokiops/loki2"] {
            assert!(!ours(address), "{address}");
        }
    }
}
