//! The plugin protocol: how Terraform starts, trusts, calls, stops and ends this process.
//!
//! `invitation` reads what Terraform says through the environment, `socket` and `tls` make the channel that only that
//! Terraform can use, `server` serves it until the end, `services` answers the calls from the registry's trait
//! objects, and `hclog` writes the log in the form that Terraform reads. `debug` serves a process that was started by
//! hand, in a debugger say, and that Terraform attaches to. Nothing here knows a resource by name.

mod connection;
mod debug;
mod ending;
mod hclog;
mod invitation;
mod level;
mod server;
mod services;
mod socket;
mod tls;

use std::future::Future;
use std::io::Write;
use std::process::ExitCode;

pub use services::Services;

use crate::resource::Registry;
use invitation::Invitation;

/// The provider's address in the public registry, as the log names it.
const ADDRESS: &str = "registry.terraform.io/lokiops/loki";

/// Files and sockets that the process has open at once, with some to spare.
const FILES_NEEDED: u64 = 64;
/// What it takes where it may: connections to AWS and Kubernetes, credential helpers, many providers' worth of clients.
const FILES_WANTED: u64 = 1024;

/// Why the plugin could not be served. Written to stderr: there is no client yet to tell.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The socket could not be made.
    #[error(
        "cannot listen on a unix socket in {folder}: {source}. Set TMPDIR (or PLUGIN_UNIX_SOCKET_DIR) to a folder that \
         can be written to"
    )]
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
    /// A process that cannot open a file for each connection would let Terraform wait for ever.
    #[error("cannot start: it may open {0} files at once, and needs {FILES_NEEDED}. Raise the limit: ulimit -n 1024")]
    TooFewFiles(u64),
    /// The runtime, the signals or the handshake line failed.
    #[error("cannot start: {0}")]
    Start(#[from] std::io::Error),
    /// The server failed.
    #[error("cannot serve: {0}")]
    Serve(#[from] tonic::transport::Error),
}

/// Serves the registry to the Terraform that started this process, and returns when it is told to end.
///
/// Started by hand, it says what it is instead; with `-debug` it is served to the Terraform runs that attach to it, each
/// connection with a registry of its own.
pub fn run(registry: impl Fn() -> Registry) -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let invitation = match std::env::args().nth(1).as_deref() {
        Some("--version" | "-V") => {
            say(std::io::stdout(), &format!("terraform-provider-loki {}\n", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        Some("--help" | "-h") => {
            say(std::io::stdout(), &about());
            return ExitCode::SUCCESS;
        }
        Some("--debug" | "-debug") => None,
        _ => match Invitation::read(&variable) {
            Some(invitation) => Some(invitation),
            None => {
                say(std::io::stderr(), &about());
                return ExitCode::FAILURE;
            }
        },
    };
    let outcome = match invitation {
        Some(invitation) => start(&invitation, || server::serve(registry(), &invitation)),
        None => {
            let environment = Invitation::by_hand(&variable);
            start(&environment, || debug::serve(&registry, &environment))
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not through the log: its level may be off, and this is all that anybody will learn.
            say(std::io::stderr(), &format!("terraform-provider-loki: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn start<F>(invitation: &Invitation, serve: impl FnOnce() -> F) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>>,
{
    hclog::install(invitation.level);
    raise_file_limit()?;
    // Two workers: the work is waiting for AWS and Kubernetes, and start-up and memory count.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let outcome = runtime.block_on(async { serve().await });
    // What still runs at this point has nobody left to answer to.
    runtime.shutdown_background();
    outcome
}

/// Takes more files where the soft limit is low, as programs in Go do, and refuses to start with too few.
fn raise_file_limit() -> Result<(), Error> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(()) };
    let wanted = hard.min(FILES_WANTED);
    let soft = match wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_ok() {
        true => wanted,
        false => soft,
    };
    if soft < FILES_NEEDED { Err(Error::TooFewFiles(soft)) } else { Ok(()) }
}

/// Writes it to whoever may be there: `print!` and `eprint!` panic where nobody is.
fn say(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

fn about() -> String {
    format!(
        "terraform-provider-loki {}: {}.\n\n\
         This program is a plugin. Terraform and OpenTofu start it; it does nothing by itself.\n\
         To use it, name it under required_providers in a configuration and run `terraform init`.\n\n\
         Options:\n  -h, --help     this text\n  -V, --version  the version\n  \
         -debug         serve until Ctrl-C, for Terraform to attach to (see CONTRIBUTING.md)\n",
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_DESCRIPTION"),
    )
}
