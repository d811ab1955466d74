//! How the process begins and ends.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loki_provider::proto::goplugin::grpc_broker_client::GrpcBrokerClient;
use loki_provider::proto::goplugin::grpc_controller_client::GrpcControllerClient;
use loki_provider::proto::goplugin::grpc_stdio_client::GrpcStdioClient;
use loki_provider::proto::goplugin::{ConnInfo, Empty};
use loki_provider::proto::tfplugin6::{get_metadata, get_provider_schema, stop_provider};
use nix::sys::signal::Signal;
use prost::Message;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::certificate::Client;
use super::process::{COOKIE, Plugin, command, script};

#[test]
fn started_by_hand_it_says_what_it_is() {
    let output = command().env_remove(COOKIE.0).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("terraform init") && text.contains(env!("CARGO_PKG_VERSION")), "{text}");

    let version = command().env_remove(COOKIE.0).arg("--version").output().unwrap();
    assert_eq!(version.status.code(), Some(0));
    let expected = format!("terraform-provider-loki {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(version.stdout).unwrap(), expected);
}

#[test]
fn what_hinders_the_start_is_said() {
    let long = format!("/tmp/{}", "x".repeat(120));
    for (name, value) in [
        ("PLUGIN_UNIX_SOCKET_DIR", long.as_str()),
        ("PLUGIN_UNIX_SOCKET_DIR", "/nonexistent"),
        ("TMPDIR", "/nonexistent"),
        // Nobody can make a folder there, not even root.
        ("TMPDIR", "/proc"),
        ("PLUGIN_UNIX_SOCKET_GROUP", "no such group"),
        ("PLUGIN_CLIENT_CERT", "no certificate"),
    ] {
        let output = command().env(name, value).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}={value}: {text}");
        let named = if name == "TMPDIR" || value == "/nonexistent" { value } else { name };
        assert!(text.contains(named), "{name}={value}: {text}");
        assert!(output.stdout.is_empty());
    }
}

#[tokio::test]
async fn it_needs_neither_stdin_nor_stderr() {
    // Each fails otherwise where the log is written or the panic hook looks for it.
    for redirection in ["<&-", "2>&-", "<&- 2>&-"] {
        let command = script(&format!("exec \"$0\" {redirection}"));
        let plugin = Plugin::start_as(command, Client::new(), &[("TF_LOG", "trace")]);
        plugin.provider().await.get_metadata(get_metadata::Request {}).await.unwrap();
        plugin.signal(Signal::SIGTERM);
        assert_eq!(plugin.end().await.status.code(), Some(0), "{redirection}");
    }
    // A pipe whose reader is gone.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = command();
    command.stderr(writer);
    let unheard = Plugin::start_as(command, Client::new(), &[("TF_LOG", "trace")]);
    let mut provider = unheard.provider().await;
    for _ in 0..100 {
        provider.get_metadata(get_metadata::Request {}).await.unwrap();
    }
    unheard.signal(Signal::SIGTERM);
    assert_eq!(unheard.end().await.status.code(), Some(0));
}

#[test]
fn a_reader_that_is_gone_is_no_panic() {
    for arguments in ["--help", "--version", ""] {
        let mut command = script(&format!("exec \"$0\" {arguments}"));
        let mut child = command.env_remove(COOKIE.0).spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        let code = child.wait().unwrap().code();
        assert_eq!(code, Some(i32::from(arguments.is_empty())), "{arguments:?}");
    }
}

#[tokio::test]
async fn too_few_files_are_said_and_a_low_soft_limit_is_raised() {
    let output = script("ulimit -n 32; exec \"$0\"").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("32 files") && text.contains("ulimit -n"), "{text}");

    let plugin = Plugin::start_as(script("ulimit -S -n 16; exec \"$0\""), Client::new(), &[]);
    plugin.provider().await.get_metadata(get_metadata::Request {}).await.unwrap();
}

#[tokio::test]
async fn connections_beyond_the_limit_of_files_wait_their_turn() {
    let plugin = Plugin::start_as(script("ulimit -n 64; exec \"$0\""), Client::new(), &[]);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(tokio::net::UnixStream::connect(plugin.socket()).await.unwrap());
    }
    // This one cannot be accepted before some of the others are gone.
    let (connected, ()) = tokio::join!(plugin.connect(Some(&plugin.client)), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        drop(silent);
    });
    connected.unwrap();
    plugin.provider().await.get_metadata(get_metadata::Request {}).await.unwrap();
}

#[test]
fn the_handshake_names_protocol_6_whatever_the_client_knows() {
    let plugin = Plugin::start_with(&[("PLUGIN_PROTOCOL_VERSIONS", "5"), ("PLUGIN_MULTIPLEX_GRPC", "true")]);
    let fields: Vec<_> = plugin.handshake.iter().map(String::as_str).collect();
    let ["1", "6", "unix", _, "grpc", certificate, "false"] = fields[..] else { panic!("{fields:?}") };
    assert!(!certificate.contains('='), "base64 without padding");
    assert_eq!(Plugin::start().handshake.len(), 6, "old clients read six fields");
}

#[tokio::test]
async fn shutdown_is_answered_and_ends_the_process_while_streams_are_open() {
    let plugin = Plugin::start();
    let channel = plugin.channel().await;
    let mut health = HealthClient::new(channel.clone());
    let status = health.check(HealthCheckRequest { service: "plugin".to_owned() }).await.unwrap().into_inner();
    assert_eq!(status.status(), ServingStatus::Serving);
    // go-plugin holds these two open all the time.
    let mut stdio = GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.unwrap().into_inner();
    let mut broker = GrpcBrokerClient::new(channel.clone());
    let broker = broker.start_stream(futures::stream::pending::<ConnInfo>()).await.unwrap();
    let mut broker = broker.into_inner();
    let silent = tokio::time::timeout(Duration::from_millis(100), stdio.message()).await;
    assert!(silent.is_err(), "the stream is held open: {silent:?}");

    let asked = Instant::now();
    GrpcControllerClient::new(channel).shutdown(Empty {}).await.expect("the shutdown is answered");
    assert!(stdio.message().await.unwrap().is_none());
    assert!(broker.message().await.unwrap().is_none());
    let ended = plugin.end().await;
    // Terraform kills the process after 2 s.
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "", "stdout has the handshake line alone");
    assert!(ended.left.is_empty(), "{:?}", ended.left);
}

#[tokio::test]
async fn an_interrupt_is_left_to_terraform() {
    let plugin = Plugin::start_with(&[("TF_LOG", "debug")]);
    let mut provider = plugin.provider().await;
    plugin.signal(Signal::SIGINT);
    provider.get_metadata(get_metadata::Request {}).await.expect("it still serves");
    plugin.signal(Signal::SIGTERM);
    let ended = plugin.end().await;
    assert!(ended.stderr.contains("Ignored an interrupt"), "{}", ended.stderr);
}

#[tokio::test]
async fn sigterm_ends_the_process_cleanly() {
    let plugin = Plugin::start();
    plugin.provider().await.get_metadata(get_metadata::Request {}).await.unwrap();
    plugin.signal(Signal::SIGTERM);
    let ended = plugin.end().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.left.is_empty(), "{:?}", ended.left);
}

#[test]
fn a_client_that_does_not_react_does_not_keep_the_process() {
    let plugin = Plugin::start();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clients = runtime();
    // Nothing drives this connection from here on.
    let _channel = clients.block_on(plugin.channel());
    plugin.signal(Signal::SIGTERM);
    let ended = runtime().block_on(plugin.end());
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
}

#[tokio::test]
async fn calls_after_a_stop_are_served() {
    let plugin = Plugin::start();
    let mut provider = plugin.provider().await;
    let stopped = provider.stop_provider(stop_provider::Request {}).await.unwrap().into_inner();
    assert_eq!(stopped.error, "");
    provider.get_metadata(get_metadata::Request {}).await.unwrap();
}

#[tokio::test]
async fn the_schema_has_the_same_bytes_in_every_process() {
    let mut schemas = Vec::new();
    for _ in 0..2 {
        let plugin = Plugin::start();
        let mut provider = plugin.provider().await;
        let schema = provider.get_provider_schema(get_provider_schema::Request {}).await.unwrap();
        schemas.push(schema.into_inner().encode_to_vec());
    }
    assert_eq!(schemas[0], schemas[1]);
}

/// A shell that starts the provider and is killed.
#[test]
fn it_does_not_outlive_who_started_it() {
    let script = format!("{} & echo $!; wait", env!("CARGO_BIN_EXE_terraform-provider-loki"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).env(COOKIE.0, COOKIE.1).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut shell = shell.spawn().unwrap();
    let mut stdout = shell.stdout.take().unwrap();
    // The process number and the handshake line.
    let mut said = Vec::new();
    while said.iter().filter(|byte| **byte == b'\n').count() < 2 {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        said.push(byte[0]);
    }
    shell.kill().unwrap();
    shell.wait().unwrap();
    // The pipe ends when its last writer, the provider, is gone.
    let (gone, is_gone) = std::sync::mpsc::channel();
    std::thread::spawn(move || gone.send(stdout.read_to_end(&mut Vec::new())));
    is_gone.recv_timeout(Duration::from_secs(30)).expect("the provider ended").unwrap();
}
