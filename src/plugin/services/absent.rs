//! What this provider does not offer. Terraform asks only for what the schema names, so an answer from here means that
//! the client has another version's schema: a diagnostic says so.

use super::{Plugin, Rpc};
use crate::proto::tfplugin6 as tf;
use crate::schema::Problem;

/// The provider has nothing of that kind and name.
pub(super) fn nothing(kind: &str, name: &str) -> Problem {
    Problem::new(format!("The provider has no {kind} {name:?}"))
        .why(format!("This is version {} of the provider.", env!("CARGO_PKG_VERSION")))
        .fix("Check the name, and the version under required_providers.")
}

fn cannot(what: String) -> Problem {
    Problem::new(what).why(format!("Version {} of the provider does not offer it.", env!("CARGO_PKG_VERSION")))
}

macro_rules! absent {
    ($($message:ident::$request:ident => $answer:ident, $name:literal, |$it:ident| $problem:expr;)+) => {$(
        impl Rpc for tf::$message::$request {
            const NAME: &'static str = $name;
            type Answer = tf::$message::$answer;

            async fn serve(self, _plugin: &Plugin, _answer: &mut Self::Answer) -> Result<(), Problem> {
                let $it = self;
                Err($problem)
            }
        }
    )+};
}

absent! {
    upgrade_resource_identity::Request => Response, "UpgradeResourceIdentity",
        |it| nothing("resource identity for", &it.type_name);
    move_resource_state::Request => Response, "MoveResourceState",
        |it| cannot(format!("{} cannot take over the state of {}", it.target_type_name, it.source_type_name))
            .fix("Remove the object from the state with `terraform state rm` and import it.");
    generate_resource_config::Request => Response, "GenerateResourceConfig",
        |it| cannot(format!("The provider cannot write the configuration of {}", it.type_name));
    validate_data_resource_config::Request => Response, "ValidateDataResourceConfig",
        |it| nothing("data source", &it.type_name);
    read_data_source::Request => Response, "ReadDataSource", |it| nothing("data source", &it.type_name);
    call_function::Request => Response, "CallFunction", |it| nothing("function", &it.name);
    validate_ephemeral_resource_config::Request => Response, "ValidateEphemeralResourceConfig",
        |it| nothing("ephemeral resource", &it.type_name);
    open_ephemeral_resource::Request => Response, "OpenEphemeralResource",
        |it| nothing("ephemeral resource", &it.type_name);
    renew_ephemeral_resource::Request => Response, "RenewEphemeralResource",
        |it| nothing("ephemeral resource", &it.type_name);
    close_ephemeral_resource::Request => Response, "CloseEphemeralResource",
        |it| nothing("ephemeral resource", &it.type_name);
    validate_list_resource_config::Request => Response, "ValidateListResourceConfig",
        |it| nothing("list resource", &it.type_name);
    list_resource::Request => Event, "ListResource", |it| nothing("list resource", &it.type_name);
    validate_action_config::Request => Response, "ValidateActionConfig", |it| nothing("action", &it.action_type);
    plan_action::Request => Response, "PlanAction", |it| nothing("action", &it.action_type);
    invoke_action::Request => Event, "InvokeAction", |it| nothing("action", &it.action_type);
    validate_state_store_config::Request => Response, "ValidateStateStoreConfig",
        |it| nothing("state store", &it.type_name);
    configure_state_store::Request => Response, "ConfigureStateStore", |it| nothing("state store", &it.type_name);
    read_state_bytes::Request => ResponseChunk, "ReadStateBytes", |it| nothing("state store", &it.type_name);
    write_state_bytes::RequestChunk => Response, "WriteStateBytes",
        |it| nothing("state store", &it.meta.unwrap_or_default().type_name);
    lock_state::Request => Response, "LockState", |it| nothing("state store", &it.type_name);
    unlock_state::Request => Response, "UnlockState", |it| nothing("state store", &it.type_name);
    get_states::Request => Response, "GetStates", |it| nothing("state store", &it.type_name);
    delete_state::Request => Response, "DeleteState", |it| nothing("state store", &it.type_name);
}
