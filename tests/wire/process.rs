//! The provider's process, from the handshake to the end.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use hyper_util::rt::TokioIo;
use loki_provider::proto::tfplugin6::provider_client::ProviderClient;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Error};

use super::certificate::{self, Client};

pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Longer than anything here takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running provider. It is killed when this is dropped.
pub struct Plugin {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Reads along, as Terraform does: a process whose log nobody reads stands still once the pipe is full.
    stderr: Option<JoinHandle<String>>,
    /// The fields of the handshake line.
    pub handshake: Vec<String>,
    pub client: Client,
    /// When it was started.
    #[allow(dead_code, reason = "benches/provider.rs measures by it")]
    pub started: Instant,
    /// TMPDIR of the process.
    pub folder: TempDir,
}

/// The binary with the cookie and nothing else in its environment.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-loki"));
    command.env_clear().env(COOKIE.0, COOKIE.1).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The same by a shell, in whose script `"$0"` is the binary.
pub fn script(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_terraform-provider-loki")]);
    command.env_clear().env(COOKIE.0, COOKIE.1).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Plugin {
    /// Started as Terraform does.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further environment variables; an empty value takes one away.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        Self::start_as(command(), Client::new(), variables)
    }

    /// By that command, for that client.
    pub fn start_as(mut command: Command, client: Client, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        command
            .env("PLUGIN_CLIENT_CERT", &client.pem)
            .env("TMPDIR", folder.path())
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6");
        command.envs(variables.iter().copied());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let handshake = line.strip_suffix('\n').expect("a whole line").split('|').map(str::to_owned).collect();
        let stderr = child.stderr.take().map(|mut pipe| {
            std::thread::spawn(move || {
                let mut text = String::new();
                pipe.read_to_string(&mut text).unwrap();
                text
            })
        });
        Self { child, stdout, stderr, handshake, client, started, folder }
    }

    pub fn socket(&self) -> PathBuf {
        PathBuf::from(&self.handshake[3])
    }

    /// What the process holds in memory, and the most that it ever held, in MiB.
    #[allow(dead_code, reason = "benches/provider.rs has its own")]
    pub fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
        };
        (kib("VmRSS:") / 1024, kib("VmHWM:") / 1024)
    }

    /// A connection with the right certificate.
    pub async fn channel(&self) -> Channel {
        self.connect(Some(&self.client)).await.unwrap()
    }

    pub async fn provider(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel().await).max_decoding_message_size(256 << 20)
    }

    /// A TLS connection with that certificate or none.
    pub async fn connect(&self, client: Option<&Client>) -> Result<Channel, Error> {
        self.connect_by(certificate::config(&self.handshake[5], client)).await
    }

    /// A TLS connection by that configuration.
    pub async fn connect_by(&self, config: Arc<ClientConfig>) -> Result<Channel, Error> {
        let tls = TlsConnector::from(config);
        let socket = self.socket();
        let connector = tower::service_fn(move |_| {
            let (tls, socket) = (tls.clone(), socket.clone());
            async move {
                let stream = UnixStream::connect(socket).await?;
                let name = ServerName::try_from("localhost").unwrap();
                tls.connect(name, stream).await.map(TokioIo::new)
            }
        });
        Endpoint::from_static("http://localhost").connect_with_connector(connector).await
    }

    /// A connection without TLS.
    pub async fn connect_in_plaintext(&self) -> Result<Channel, Error> {
        let socket = self.socket();
        let connector = tower::service_fn(move |_| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        Endpoint::from_static("http://localhost").connect_with_connector(connector).await
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    #[allow(dead_code, reason = "benches/provider.rs measures by it")]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end; what the process still wrote to stdout, and to stderr.
    pub async fn end(mut self) -> Ended {
        let status = self.wait().await;
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let stderr = self.stderr.take().map_or_else(String::new, |reader| reader.join().unwrap());
        let left = std::fs::read_dir(self.folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
        Ended { status, stdout, stderr, left }
    }

    async fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("the provider did not end");
    }
}

/// What a process left behind.
pub struct Ended {
    pub status: ExitStatus,
    /// Beyond the handshake line.
    pub stdout: String,
    pub stderr: String,
    /// The files in its TMPDIR.
    pub left: Vec<PathBuf>,
}

impl Drop for Plugin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
