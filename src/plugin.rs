//! The plugin protocol: how Terraform starts, trusts, calls, stops and ends this process.
//!
//! `invitation` reads what Terraform says through the environment, `socket` and `tls` make the channel that only that
//! Terraform can use, `server` serves it until the end, `services` answers the calls from the registry's trait
//! objects, and `hclog` writes the log in the form that Terraform reads. Nothing here knows a resource by name.

mod connection;
mod ending;
mod hclog;
mod invitation;
mod level;
mod server;
mod services;
mod socket;
mod tls;

use std::process::ExitCode;

pub use services::Services;

use crate::resource::Registry;
use invitation::Invitation;

/// The provider's address in the public registry, as the log names it.
const ADDRESS: &str = "registry.terraform.io/lokiops/loki";

/// Why the plugin could not be served. Written to stderr: there is no client yet to tell.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The socket could not be made.
    #[error("cannot listen on a unix socket in {folder}: {source}")]
    Socket {
        /// The folder that was to hold it.
        folder: String,
        /// The reason.
        source: std::io::Error,
    },
    /// `PLUGIN_UNIX_SOCKET_DIR` names a folder whose path leaves no room for a socket's name.
    #[error("PLUGIN_UNIX_SOCKET_DIR={0} is too long: the path of a unix socket has to be shorter than 108 bytes")]
    PathTooLong(String),
    /// `PLUGIN_UNIX_SOCKET_GROUP` names no group.
    #[error("PLUGIN_UNIX_SOCKET_GROUP={0} is neither a group's name nor its number")]
    NoSuchGroup(String),
    /// `PLUGIN_CLIENT_CERT` is no certificate.
    #[error("PLUGIN_CLIENT_CERT is not a certificate in PEM form")]
    ClientCertificate,
    /// No server certificate could be made.
    #[error("cannot make the server's certificate: {0}")]
    ServerCertificate(#[from] rcgen::Error),
    /// TLS could not be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The runtime, the signals or the handshake line failed.
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
    /// The server failed.
    #[error("cannot serve: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves the registry to the Terraform that started this process, and returns when it is told to end.
///
/// Started by hand, it says what it is instead.
pub fn run(registry: impl FnOnce() -> Registry) -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("--version" | "-V") => {
            println!("terraform-provider-loki {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Some("--help" | "-h") => {
            print!("{}", about());
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let Some(invitation) = Invitation::read(&|name| std::env::var(name).ok()) else {
        eprint!("{}", about());
        return ExitCode::FAILURE;
    };
    hclog::install(invitation.level);
    match start(registry, &invitation) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not through the log: its level may be off, and this is all that anybody will learn.
            eprintln!("terraform-provider-loki: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(registry: impl FnOnce() -> Registry, invitation: &Invitation) -> Result<(), Error> {
    // Two workers: the work is waiting for AWS and Kubernetes, and start-up and memory count.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(async { server::serve(registry(), invitation).await });
    // What still runs at this point has nobody left to answer to.
    runtime.shutdown_background();
    outcome
}

fn about() -> String {
    format!(
        "terraform-provider-loki {}: {}.\n\n\
         This program is a plugin. Terraform and OpenTofu start it; it does nothing by itself.\n\
         To use it, name it under required_providers in a configuration and run `terraform init`.\n\n\
         Options:\n  -h, --help     this text\n  -V, --version  the version\n",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
    )
}
