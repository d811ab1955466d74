//! What this provider does not offer. Terraform asks only for what the schema names, so an answer from here means that
//! the client has another version's schema: a diagnostic says so.

use tokio::sync::mpsc::Sender;

use super::{Plugin, Rpc, StreamRpc};
use crate::proto::tfplugin6 as tf;
use crate::schema::Problem;

/// The provider has nothing of that kind and name.
pub(super) fn nothing(kind: &str, name: &str) -> Problem {
    Problem::new(summary!("The provider has no {kind} {name:?}"))
        .why(format!("This is version {} of the provider.", env!("CARGO_PKG_VERSION")))
        .fix("Check the name, and the version under required_providers.")
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
    validate_state_store_config::Request => Response, "ValidateStateStoreConfig",
        |it| nothing("state store", &it.type_name);
    configure_state_store::Request => Response, "ConfigureStateStore", |it| nothing("state store", &it.type_name);
    write_state_bytes::RequestChunk => Response, "WriteStateBytes",
        |it| nothing("state store", &it.meta.unwrap_or_default().type_name);
    lock_state::Request => Response, "LockState", |it| nothing("state store", &it.type_name);
    unlock_state::Request => Response, "UnlockState", |it| nothing("state store", &it.type_name);
    get_states::Request => Response, "GetStates", |it| nothing("state store", &it.type_name);
    delete_state::Request => Response, "DeleteState", |it| nothing("state store", &it.type_name);
}

impl StreamRpc for tf::read_state_bytes::Request {
    const NAME: &'static str = "ReadStateBytes";
    type Event = tf::read_state_bytes::ResponseChunk;

    async fn serve(self, _plugin: &Plugin, _events: &Sender<Self::Event>) -> Result<Option<Self::Event>, Problem> {
        Err(nothing("state store", &self.type_name))
    }
}
