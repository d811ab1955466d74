//! Who may use the socket: the Terraform that started the process, and nobody else.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use loki_provider::proto::tfplugin6::get_metadata;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use nix::sys::signal::Signal;
use tonic::transport::{Channel, Error};

use super::certificate::Client;
use super::process::Plugin;

/// Whether a call gets through. With TLS 1.3 a client learns of the refusal of its certificate only afterwards.
async fn served(connection: Result<Channel, Error>) -> bool {
    let Ok(channel) = connection else { return false };
    ProviderClient::new(channel).get_metadata(get_metadata::Request {}).await.is_ok()
}

#[tokio::test]
async fn the_invited_client_is_served() {
    let plugin = Plugin::start();
    assert!(served(plugin.connect(Some(&plugin.client)).await).await);
}

#[tokio::test]
async fn a_client_without_certificate_is_refused() {
    let plugin = Plugin::start();
    assert!(!served(plugin.connect(None).await).await);
}

#[tokio::test]
async fn another_certificate_is_refused() {
    let plugin = Plugin::start();
    assert!(!served(plugin.connect(Some(&Client::new())).await).await);
    assert!(served(plugin.connect(Some(&plugin.client)).await).await, "and the right one is served afterwards");
}

#[tokio::test]
async fn plaintext_is_refused() {
    let plugin = Plugin::start();
    assert!(!served(plugin.connect_in_plaintext().await).await);
}

#[tokio::test]
async fn a_client_that_says_nothing_holds_up_no_other() {
    let plugin = Plugin::start();
    let _silent = tokio::net::UnixStream::connect(plugin.socket()).await.unwrap();
    assert!(served(plugin.connect(Some(&plugin.client)).await).await);
}

#[tokio::test]
async fn without_an_invitation_to_tls_plaintext_is_served() {
    let plugin = Plugin::start_with(&[("PLUGIN_CLIENT_CERT", "")]);
    assert_eq!(plugin.handshake[5], "");
    assert!(served(plugin.connect_in_plaintext().await).await);
}

#[test]
fn the_socket_is_the_users_alone() {
    let plugin = Plugin::start();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&plugin.socket()), 0o600);
    assert_eq!(mode(plugin.socket().parent().unwrap()), 0o700);
}

#[test]
fn the_socket_is_where_and_whose_the_client_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    // A group that the user of the test certainly has.
    let group = nix::unistd::getgid().to_string();
    let variables =
        [("PLUGIN_UNIX_SOCKET_DIR", folder.path().to_str().unwrap()), ("PLUGIN_UNIX_SOCKET_GROUP", group.as_str())];
    let plugin = Plugin::start_with(&variables);
    assert!(plugin.socket().starts_with(folder.path()), "{:?}", plugin.socket());
    let metadata = plugin.socket().metadata().unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.gid().to_string()), (0o660, group));
}

#[tokio::test]
async fn a_long_tmpdir_is_no_obstacle() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("x".repeat(120));
    std::fs::create_dir(&folder).unwrap();
    let plugin = Plugin::start_with(&[("TMPDIR", folder.to_str().unwrap())]);
    assert!(plugin.handshake[3].len() < 108, "{}", plugin.handshake[3]);
    // This socket is in /tmp: it is not left there.
    plugin.signal(Signal::SIGTERM);
    plugin.end().await;
}
