//! `-debug`: a provider that somebody started by hand, in a debugger say, and that Terraform attaches to.
//!
//! As go-plugin's test mode has it: no cookie, no TLS, and a Terraform that is done goes away without a Shutdown. The
//! socket is this user's alone, which is what protects the credentials in the process.

use std::io::Write;
use std::pin::pin;

use futures::{StreamExt, stream};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Error;
use super::connection::{Connection, incoming};
use super::ending::Ending;
use super::invitation::Invitation;
use super::server::serve_connections;
use super::services::Services;
use super::socket::Socket;
use crate::resource::Registry;

/// The provider's address as configurations name it; the registry's host is that of the client, be it Terraform or
/// OpenTofu.
const SOURCE: &str = "lokiops/loki";

/// Serves whoever attaches, one Terraform after another or several at once, until Ctrl-C or SIGTERM. Calls in flight are
/// then stopped and answered; a second signal does not wait for them.
///
/// Each connection gets a registry of its own: Terraform opens one for each provider block, and aliases would otherwise
/// share one configuration.
///
/// # Errors
/// When the socket or the signals cannot be had.
pub(super) async fn serve(registry: &impl Fn() -> Registry, invitation: &Invitation) -> Result<(), Error> {
    let socket = Socket::bind(invitation)?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let path = socket.path.display().to_string();
    let mut connections = incoming(socket.listener, None);
    announce(&path)?;

    let end = CancellationToken::new();
    let mut served = JoinSet::new();
    loop {
        tokio::select! {
            connection = connections.next() => match connection {
                Some(Ok(connection)) => drop(served.spawn(serve_one(registry(), end.child_token(), connection))),
                Some(Err(_)) => {}
                None => break,
            },
            // What is done is forgotten.
            Some(_) = served.join_next() => {}
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
        }
    }
    tracing::info!("Told to end: stopping what is in flight");
    end.cancel();
    tokio::select! {
        _ = served.join_all() => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Serves one connection until either end closes it.
async fn serve_one(registry: Registry, end: CancellationToken, connection: Connection) {
    let closed = connection.closed();
    let services = Services::ending_with(registry, Ending::of(end.clone()));
    // The stream goes on after its one connection: its end would be the server's.
    let connections = stream::once(async { Ok(connection) }).chain(stream::pending());
    let mut server = pin!(serve_connections(services, connections));
    let outcome = tokio::select! {
        outcome = &mut server => outcome,
        () = closed.cancelled() => {
            end.cancel();
            server.await
        }
    };
    if let Err(error) = outcome {
        tracing::warn!(error = %error, "A connection failed");
    }
}

/// Says how to attach, in the words of other providers and ready to paste.
fn announce(socket: &str) -> std::io::Result<()> {
    let attach = json!({ SOURCE: {
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": std::process::id(),
        // Terraform then neither ends the process nor expects TLS.
        "Test": true,
        "Addr": { "Network": "unix", "String": socket },
    } });
    let mut stdout = std::io::stdout().lock();
    write!(
        stdout,
        "Provider started. To attach Terraform or OpenTofu to it, set TF_REATTACH_PROVIDERS in another shell:\n\n\
         \tTF_REATTACH_PROVIDERS={}\n\n\
         It serves one run after another, and ends with Ctrl-C.\n",
        quoted(&attach.to_string()),
    )?;
    stdout.flush()
}

/// For a shell; a path may hold an apostrophe.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_pasted_is_one_word_of_a_shell() {
        let printed =
            std::process::Command::new("sh").args(["-c", &format!("printf %s {}", quoted("a'b\"$c"))]).output();
        assert_eq!(printed.unwrap().stdout, b"a'b\"$c");
    }
}
