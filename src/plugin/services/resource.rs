//! Managed resources. Private data are echoed, and identities that are not known anew: Terraform keeps what the answer
//! holds.

use super::value::{deferred, dynamic, identity, raw, raw_identity, unknown};
use super::{Plugin, Rpc};
use crate::proto::tfplugin6 as tf;
use crate::resource::contract::Identity;
use crate::resource::{AnyResource, Lookup};
use crate::schema::{Problem, Raw, attribute_path, wire_diagnostics};

/// What is wrong with the identity of an answer, beside that of the request.
fn misnamed(
    resource: &dyn AnyResource,
    before: Option<tf::ResourceIdentityData>,
    after: &Option<tf::ResourceIdentityData>,
    rule: Identity,
) -> Vec<tf::Diagnostic> {
    wire_diagnostics(resource.check_identity(raw_identity(before), raw_identity(after.clone()), rule))
}

impl Rpc for tf::validate_resource_config::Request {
    const NAME: &'static str = "ValidateResourceConfig";
    type Answer = tf::validate_resource_config::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let call = plugin.call(self.client_capabilities);
        let diagnostics = plugin.resource(&self.type_name)?.validate(&call, raw(self.config)).await;
        answer.diagnostics = wire_diagnostics(diagnostics);
        Ok(())
    }
}

impl Rpc for tf::upgrade_resource_state::Request {
    const NAME: &'static str = "UpgradeResourceState";
    type Answer = tf::upgrade_resource_state::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.type_name)?;
        let state = self.raw_state.unwrap_or_default();
        if state.json.is_empty() && !state.flatmap.is_empty() {
            return Err(Problem::new(summary!("The state is of a form that only Terraform 0.11 wrote"))
                .why("No version of this provider ever worked with it, so the state is not this provider's.")
                .fix("Remove the object from the state with `terraform state rm` and import it."));
        }
        let upgraded = resource.upgrade(self.version, state.json).await;
        answer.upgraded_state = dynamic(upgraded.state);
        answer.diagnostics = wire_diagnostics(upgraded.diagnostics);
        Ok(())
    }
}

impl Rpc for tf::read_resource::Request {
    const NAME: &'static str = "ReadResource";
    type Answer = tf::read_resource::Response;

    fn unserved(&self) -> Self::Answer {
        Self::Answer {
            new_state: self.current_state.clone(),
            private: self.private.clone(),
            new_identity: self.current_identity.clone(),
            ..Self::Answer::default()
        }
    }

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.type_name)?;
        let call = plugin.call(self.client_capabilities);
        let read = resource.read(&call, raw(self.current_state)).await;
        answer.deferred = deferred(&call);
        answer.new_identity = identity(read.identity).or(answer.new_identity.take());
        answer.diagnostics = wire_diagnostics(read.diagnostics);
        if read.state != Raw::null() {
            answer.diagnostics.extend(misnamed(
                resource,
                self.current_identity,
                &answer.new_identity,
                Identity::Lasting,
            ));
        }
        answer.new_state = dynamic(read.state);
        Ok(())
    }
}

impl Rpc for tf::plan_resource_change::Request {
    const NAME: &'static str = "PlanResourceChange";
    type Answer = tf::plan_resource_change::Response;

    fn unserved(&self) -> Self::Answer {
        Self::Answer {
            planned_state: self.proposed_new_state.clone(),
            planned_private: self.prior_private.clone(),
            planned_identity: self.prior_identity.clone(),
            ..Self::Answer::default()
        }
    }

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.type_name)?;
        let (prior, proposed, config) = (raw(self.prior_state), raw(self.proposed_new_state), raw(self.config));
        let call = plugin.call(self.client_capabilities);
        let created = prior == Raw::null();
        let planned = resource.plan(&call, prior, proposed, config).await;
        answer.deferred = deferred(&call);
        // An identity that is not known yet stays what it was, unless the plan makes another object.
        let same = answer.planned_identity.take().filter(|_| planned.replace.is_empty());
        answer.planned_identity = identity(planned.identity).or(same);
        answer.diagnostics = wire_diagnostics(planned.diagnostics);
        let rule = if created || !planned.replace.is_empty() { Identity::Planned } else { Identity::Lasting };
        if planned.state != Raw::null() {
            answer.diagnostics.extend(misnamed(resource, self.prior_identity, &answer.planned_identity, rule));
        }
        answer.planned_state = dynamic(planned.state);
        answer.requires_replace = planned.replace.into_iter().filter_map(attribute_path).collect();
        Ok(())
    }
}

impl Rpc for tf::apply_resource_change::Request {
    const NAME: &'static str = "ApplyResourceChange";
    type Answer = tf::apply_resource_change::Response;
    const CHANGES_NOTHING: bool = false;

    fn unserved(&self) -> Self::Answer {
        Self::Answer {
            new_state: self.prior_state.clone(),
            private: self.planned_private.clone(),
            new_identity: self.planned_identity.clone(),
            ..Self::Answer::default()
        }
    }

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.type_name)?;
        let (prior, planned, config) = (raw(self.prior_state), raw(self.planned_state), raw(self.config));
        let applied = resource.apply(&plugin.call(None), prior, planned, config).await;
        let planned_identity = answer.new_identity.take().filter(|_| applied.state != Raw::null());
        answer.new_identity = identity(applied.identity).or(planned_identity);
        answer.diagnostics = wire_diagnostics(applied.diagnostics);
        if applied.state != Raw::null() {
            answer.diagnostics.extend(misnamed(
                resource,
                self.planned_identity,
                &answer.new_identity,
                Identity::Lasting,
            ));
        }
        answer.new_state = dynamic(applied.state);
        Ok(())
    }
}

impl Rpc for tf::import_resource_state::Request {
    const NAME: &'static str = "ImportResourceState";
    type Answer = tf::import_resource_state::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        let resource = plugin.resource(&self.type_name)?;
        let call = plugin.call(self.client_capabilities);
        let by = match (self.id.is_empty(), raw_identity(self.identity.clone())) {
            (false, _) => Lookup::Id(self.id.clone()),
            (true, Some(identity)) => Lookup::Identity(identity),
            (true, None) => {
                return Err(Problem::new(summary!("{} is imported by its id or its identity", self.type_name))
                    .why("Neither was given.")
                    .fix("Give the id: its form is under Import in the resource's documentation."));
            }
        };
        let imported = resource.import(&call, by).await;
        answer.diagnostics = wire_diagnostics(imported.diagnostics);
        answer.deferred = deferred(&call);
        let found = |state, identity| tf::import_resource_state::ImportedResource {
            type_name: self.type_name.clone(),
            state,
            identity,
            private: Vec::new(),
        };
        if answer.deferred.is_some() {
            answer.imported_resources.push(found(unknown(), self.identity.clone()));
        } else if imported.state != Raw::null() {
            let identity = identity(imported.identity).or(self.identity.clone());
            // The one that was asked for may leave out what the provider's configuration tells.
            answer.diagnostics.extend(misnamed(resource, None, &identity, Identity::Lasting));
            answer.imported_resources.push(found(dynamic(imported.state), identity));
        } else if answer.diagnostics.is_empty() {
            let by = if self.id.is_empty() { "the identity".to_owned() } else { format!("the id {:?}", self.id) };
            return Err(Problem::new(summary!("There is no such {} to import", self.type_name))
                .why(format!("Nothing was found for {by}."))
                .fix("Check it, and the account and cluster that the provider is configured for."));
        }
        Ok(())
    }
}

impl Rpc for tf::generate_resource_config::Request {
    const NAME: &'static str = "GenerateResourceConfig";
    type Answer = tf::generate_resource_config::Response;

    async fn serve(self, plugin: &Plugin, answer: &mut Self::Answer) -> Result<(), Problem> {
        answer.config = dynamic(plugin.resource(&self.type_name)?.generate(raw(self.state))?);
        Ok(())
    }
}
