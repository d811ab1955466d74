//! A cluster that stops answering in the middle of an apply: credentials that end, rights that are taken away, an API
//! server that goes and comes back. In a namespace without room for pods the apply waits while that happens.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::{Outcome, Workspace, kubectl, lab, provider, wait_until};

const STACK: &str = r#"
resource "loki_stack" "main" {
  name      = "loki"
  namespace = "NAME"
  storage   = { filesystem = {} }
  schema    = [{ from = "2024-04-01", version = "v13" }]
  timeouts  = { create = "10m" }
}
"#;

/// Where the provider's log goes, in the workspace.
const LOG: &str = "provider.log";

/// A namespace in which Terraform has a service account of its own and no pod may run, and a workspace that uses both
/// through the API server at `address`.
fn closed(test: &str, address: &str) -> Workspace {
    let mut workspace = Workspace::with(test, STACK);
    let log = workspace.path(LOG);
    workspace.set("TF_LOG_PROVIDER", "info");
    workspace.set("TF_LOG_PATH", log.to_str().expect("UTF-8"));
    let namespace = &workspace.name;
    kubectl(&["create", "namespace", namespace]);
    kubectl(&["create", "quota", "closed", "-n", namespace, "--hard=pods=0"]);
    kubectl(&["create", "serviceaccount", "terraform", "-n", namespace]);
    let account = format!("--serviceaccount={namespace}:terraform");
    kubectl(&["create", "rolebinding", "terraform", "-n", namespace, "--clusterrole=admin", &account]);
    let token = kubectl(&["create", "token", "terraform", "-n", namespace]);
    let ca = lab().dir.join("pki/ca.crt");
    workspace.write(
        "provider.tf",
        &provider(&format!(
            r#"host = "{address}", token = "{}", cluster_ca_certificate = file("{}")"#,
            token.trim(),
            ca.display()
        )),
    );
    workspace
}

/// Applies, and does something once all objects are made and the provider waits for the pods. Its log is asked, for the
/// cluster does not know whether the provider has got the answer to its last object.
fn apply_while(workspace: &Workspace, disturb: impl FnOnce()) -> Outcome {
    thread::scope(|scope| {
        let apply = scope.spawn(|| workspace.apply());
        wait_until("the apply waits for the pods", Duration::from_secs(60), || {
            let log = fs::read(workspace.path(LOG)).unwrap_or_default();
            String::from_utf8_lossy(&log).contains("waiting for the stack") || apply.is_finished()
        });
        disturb();
        apply.join().expect("terraform's output is UTF-8")
    })
}

fn state_of_health(workspace: &Workspace) -> String {
    let state = workspace.state("loki_stack.main").expect("what was made is in the state");
    state["status"]["state"].as_str().expect("a state").to_owned()
}

#[test]
fn credentials_that_end_during_an_apply_are_named_and_not_waited_for() {
    let workspace = closed("expired", lab().api_server());
    let outcome = apply_while(&workspace, || {
        kubectl(&["delete", "serviceaccount", "terraform", "-n", &workspace.name]);
    });
    outcome.fails().says(&[
        "Whether Loki is healthy cannot be asked",
        "does not accept the credentials of",
        "A token must outlast the whole run",
    ]);
    assert_eq!(state_of_health(&workspace), "unknown");
}

#[test]
fn rights_that_are_taken_away_during_an_apply_are_named_and_not_waited_for() {
    let workspace = closed("revoked", lab().api_server());
    let outcome = apply_while(&workspace, || {
        kubectl(&["delete", "rolebinding", "terraform", "-n", &workspace.name]);
    });
    let right = format!("may not get statefulsets.apps in namespace {}", workspace.name);
    outcome.fails().says(&["Whether Loki is healthy cannot be asked", &right, "Grant the permission"]);
    assert_eq!(state_of_health(&workspace), "unknown");
    // A read says it as well, once for all objects.
    workspace.plan().fails().says(&["cannot be read", &right, "may not get configmaps in namespace"]);
}

#[test]
fn an_api_server_that_comes_back_is_waited_for_and_one_that_does_not_until_the_timeout() {
    let door = Door::open();
    let workspace = closed("away", &format!("https://{}", door.address));
    let outcome = apply_while(&workspace, || {
        door.close();
        wait_until("the provider has tried again", Duration::from_secs(60), || door.refused() > 10);
        kubectl(&["delete", "quota", "closed", "-n", &workspace.name]);
        door.reopen();
    });
    outcome.succeeds();
    assert_eq!(state_of_health(&workspace), "healthy");

    let workspace = closed("gone", &format!("https://{}", door.address));
    workspace.main(&STACK.replace("10m", "20s"));
    let outcome = apply_while(&workspace, || door.close());
    outcome.fails().says(&["cannot reach the Kubernetes API server", "timeouts.create allows 20s"]);
    assert_eq!(state_of_health(&workspace), "unknown");
}

/// A way to the API server that can be closed: connections are then broken and new ones ended at once.
struct Door {
    address: SocketAddr,
    closed: Arc<AtomicBool>,
    refused: Arc<AtomicUsize>,
}

impl Door {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it is bound");
        let (closed, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let door = Self { address, closed: closed.clone(), refused: refused.clone() };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if closed.load(Ordering::Relaxed) {
                    refused.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
                let server = TcpStream::connect(lab().api_server().trim_start_matches("https://"));
                let server = server.expect("the lab's API server listens");
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().expect("a clone"), to.try_clone().expect("a clone"));
                    let closed = closed.clone();
                    thread::spawn(move || pass(from, to, &closed));
                }
            }
        });
        door
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn reopen(&self) {
        self.closed.store(false, Ordering::Relaxed);
    }

    fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Passes bytes on until an end closes or the door does.
fn pass(mut from: TcpStream, mut to: TcpStream, closed: &AtomicBool) {
    from.set_read_timeout(Some(Duration::from_millis(100))).expect("a time that is not zero");
    let mut bytes = [0; 16 * 1024];
    while !closed.load(Ordering::Relaxed) {
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) if to.write_all(&bytes[..count]).is_err() => break,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}
