//! Who may use the socket: the Terraform that started the process, and nobody else.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use loki_provider::proto::tfplugin6::get_metadata;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use nix::sys::signal::Signal;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Error};

use super::certificate::{self, Client};
use super::process::{Plugin, command};

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
async fn a_certificate_that_the_right_one_has_signed_is_refused() {
    let plugin = Plugin::start();
    assert!(!served(plugin.connect(Some(&plugin.client.issue())).await).await);
}

#[tokio::test]
async fn the_right_certificate_without_its_key_is_refused() {
    let plugin = Plugin::start();
    let thief = plugin.client.without_its_key();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = certificate::config_for(&plugin.handshake[5], Some(&thief), &[version]);
        assert!(!served(plugin.connect_by(config).await).await, "{version:?}");
    }
}

#[tokio::test]
async fn dates_do_not_count_but_the_certificate_does() {
    // It came from the process that started this one; a wrong clock is no reason to refuse it.
    let plugin = Plugin::start_as(command(), Client::expired(), &[]);
    assert!(served(plugin.connect(Some(&plugin.client)).await).await);
    assert!(!served(plugin.connect(Some(&Client::expired())).await).await);
}

#[tokio::test]
async fn tls_1_2_is_served_and_1_1_refused() {
    let plugin = Plugin::start();
    let config = certificate::config_for(&plugin.handshake[5], Some(&plugin.client), &[&rustls::version::TLS12]);
    assert!(served(plugin.connect_by(config).await).await);

    // A ClientHello of TLS 1.1 (3.2), with suites that it has.
    let mut hello = vec![3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 4, 0xc0, 0x13, 0x00, 0x2f, 1, 0]);
    let mut record = vec![22, 3, 1, 0, u8::try_from(hello.len() + 4).unwrap()];
    record.extend([1, 0, 0, u8::try_from(hello.len()).unwrap()]);
    record.extend(hello);
    let mut stream = UnixStream::connect(plugin.socket()).await.unwrap();
    stream.write_all(&record).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer.first(), Some(&21), "an alert and the end: {answer:?}");
}

#[tokio::test]
async fn garbage_ends_its_own_connection_alone() {
    let plugin = Plugin::start();
    let good = plugin.channel().await;
    let tls = TlsConnector::from(certificate::config(&plugin.handshake[5], Some(&plugin.client)));
    let stream = UnixStream::connect(plugin.socket()).await.unwrap();
    let mut stream = tls.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(&b"GET / HTTP/1.1\r\n\r\n".repeat(100)).await.unwrap();
    // What it answers, if anything, is HTTP/2's word for it.
    let _ = stream.read_to_end(&mut Vec::new()).await;

    let mut stream = UnixStream::connect(plugin.socket()).await.unwrap();
    let _ = stream.write_all(&[0xff; 4096]).await;
    let _ = stream.read_to_end(&mut Vec::new()).await;
    assert!(served(Ok(good)).await, "a connection that stood before");
    assert!(served(plugin.connect(Some(&plugin.client)).await).await, "a new one");
}

#[tokio::test]
async fn plaintext_is_refused() {
    let plugin = Plugin::start();
    assert!(!served(plugin.connect_in_plaintext().await).await);
}

#[tokio::test]
async fn clients_that_stall_hold_up_no_other() {
    let plugin = Plugin::start();
    let mut stalled = Vec::new();
    for half in 0..200 {
        let mut stream = UnixStream::connect(plugin.socket()).await.unwrap();
        if half % 2 == 0 {
            // The beginning of a handshake that never goes on.
            stream.write_all(&[22, 3, 1, 2, 0, 1, 0]).await.unwrap();
        }
        stalled.push(stream);
    }
    assert!(served(plugin.connect(Some(&plugin.client)).await).await);
    plugin.signal(Signal::SIGTERM);
    let ended = plugin.end().await;
    assert_eq!(ended.status.code(), Some(0), "nor the end: {}", ended.stderr);
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
