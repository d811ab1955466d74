//! `-debug`: started by hand, for Terraform to attach to.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command};

use hyper_util::rt::TokioIo;
use loki_provider::proto::goplugin::Empty;
use loki_provider::proto::goplugin::grpc_controller_client::GrpcControllerClient;
use loki_provider::proto::tfplugin6::get_metadata;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint};

use super::process::{COOKIE, command, script};

/// A provider that was started by hand. It is killed when this is dropped.
struct Debugged {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What is to be pasted, as JSON.
    attach: Value,
    folder: TempDir,
}

impl Debugged {
    fn start(mut command: Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command.env_remove(COOKIE.0).env("TMPDIR", folder.path()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = Vec::new();
        while !lines.iter().any(|line: &String| line.contains("Ctrl-C")) {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "{lines:?}");
            lines.push(line);
        }
        let line = lines.iter().find_map(|line| line.trim().strip_prefix("TF_REATTACH_PROVIDERS='"));
        let json = line.and_then(|line| line.strip_suffix('\'')).unwrap_or_else(|| panic!("{lines:?}"));
        Self { child, stdout, attach: serde_json::from_str(json).unwrap(), folder }
    }

    fn socket(&self) -> PathBuf {
        PathBuf::from(self.attach["lokiops/loki"]["Addr"]["String"].as_str().unwrap())
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.attach["lokiops/loki"]["Pid"].as_i64().unwrap().try_into().unwrap())
    }

    /// As Terraform attaches: without TLS.
    async fn attach(&self) -> Channel {
        let socket = self.socket();
        let connector = tower::service_fn(move |_| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        Endpoint::from_static("http://localhost").connect_with_connector(connector).await.unwrap()
    }

    /// What else it printed, its exit code, and what it left.
    fn end(mut self, signal: Signal) -> (String, Option<i32>, Vec<PathBuf>) {
        kill(self.pid(), signal).unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code();
        let left = std::fs::read_dir(self.folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
        (rest, code, left)
    }
}

impl Drop for Debugged {
    fn drop(&mut self) {
        let _ = kill(self.pid(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

async fn served(channel: Channel) -> bool {
    ProviderClient::new(channel).get_metadata(get_metadata::Request {}).await.is_ok()
}

fn by_hand(option: &str) -> Command {
    let mut command = command();
    command.arg(option);
    command
}

#[tokio::test]
async fn it_says_how_to_attach_and_serves_run_after_run() {
    let provider = Debugged::start(by_hand("-debug"));
    let it = &provider.attach["lokiops/loki"];
    assert_eq!((&it["Protocol"], &it["ProtocolVersion"], &it["Test"]), (&"grpc".into(), &6.into(), &true.into()));
    assert_eq!(it["Addr"]["Network"], "unix");
    assert_eq!(it["Pid"], provider.child.id());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&provider.socket()), 0o600);
    assert_eq!(mode(provider.socket().parent().unwrap()), 0o700);

    let staying = provider.attach().await;
    for _ in 0..3 {
        assert!(served(provider.attach().await).await);
    }
    // Whoever calls it ends its own connection at most.
    let ending = provider.attach().await;
    GrpcControllerClient::new(ending).shutdown(Empty {}).await.unwrap();
    assert!(served(staying).await && served(provider.attach().await).await);

    let (rest, code, left) = provider.end(Signal::SIGINT);
    assert_eq!((rest.as_str(), code, left), ("", Some(0), Vec::new()));
}

#[tokio::test]
async fn sigterm_ends_it_while_a_client_is_attached() {
    let provider = Debugged::start(by_hand("--debug"));
    let attached = provider.attach().await;
    assert!(served(attached.clone()).await);
    let ended = tokio::task::spawn_blocking(move || provider.end(Signal::SIGTERM)).await.unwrap();
    assert_eq!(ended, (String::new(), Some(0), Vec::new()));
    assert!(!served(attached).await);
}

#[tokio::test]
async fn it_outlives_who_started_it() {
    // The shell ends at once.
    let provider = Debugged::start(script("\"$0\" -debug &"));
    let shell = Pid::from_raw(provider.child.id().try_into().unwrap());
    assert_ne!(provider.pid(), shell);
    // Longer than the provider waits for before it takes itself for an orphan.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(served(provider.attach().await).await);
}
