use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::kube::{Exec, Settings, TokenSource, connect};

/// A transport whose API server answers with `answers` in turn and counts.
fn scripted(answers: &'static [(u16, &'static str)], bearer: Option<Bearer>) -> (Transport, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let service = tower::service_fn(move |request: http::Request<Body>| {
        let (status, body) = answers[count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)];
        let token = request.headers().get(AUTHORIZATION).map(|value| value.as_bytes().to_vec());
        let body = if body == "echo" { token.unwrap_or_default() } else { body.as_bytes().to_vec() };
        let response = http::Response::builder().status(status).body(Body::from(body));
        async move { response }
    });
    let client = Client::new(service, "default");
    let config = ::kube::Config::new("https://cluster".parse().unwrap());
    (Transport::with_client(client, config, bearer, "a test".into()), asked)
}

fn call(idempotent: bool) -> Call {
    let request = http::Request::get("/x").body(Vec::new()).unwrap();
    Call { idempotent, pauses: &[Duration::ZERO; 2], ..Call::new("get", "X a/b".into(), request) }
}

#[tokio::test]
async fn overload_is_waited_out_but_not_for_ever() {
    let (transport, asked) = scripted(&[(503, "busy"), (429, "busy"), (200, "ok")], None);
    let answer = transport.send(&call(true)).await.unwrap();
    assert_eq!((answer.body.as_slice(), answer.repeated, asked.load(Ordering::SeqCst)), (&b"ok"[..], true, 3));

    let (transport, asked) = scripted(&[(503, "busy")], None);
    let error = transport.send(&call(true)).await.err().unwrap();
    assert_eq!(error.to_string(), "the API server answers get of X a/b with 503: busy");
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_may_have_had_an_effect_is_not_sent_twice() {
    let (transport, asked) = scripted(&[(503, "busy"), (200, "ok")], None);
    assert_eq!(transport.exchange(&call(false)).await.unwrap().status, 503);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // 429 comes before the effect.
    let (transport, _) = scripted(&[(429, "busy"), (200, "ok")], None);
    let answer = transport.exchange(&call(false)).await.unwrap();
    assert_eq!((answer.status, answer.repeated), (200, false));
}

#[tokio::test]
async fn a_refusal_is_final() {
    let (transport, asked) = scripted(&[(401, "no"), (200, "ok")], None);
    let error = transport.send(&call(true)).await.err().unwrap();
    let text = "the Kubernetes API server at https://cluster does not accept the credentials of a test";
    assert_eq!(error.to_string(), text);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_dynamic_token_is_asked_for_each_request() {
    let asked = Arc::new(AtomicUsize::new(0));
    let source: Arc<dyn Fn() -> crate::kube::TokenFuture + Send + Sync> = Arc::new(move || {
        let nth = asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { if nth < 2 { Ok(format!("t{nth}").into()) } else { Err("the session expired".into()) } })
    });
    let (transport, _) = scripted(&[(200, "echo")], Some(Bearer::Token(source)));
    for expected in ["Bearer t0", "Bearer t1"] {
        assert_eq!(transport.send(&call(true)).await.unwrap().body, expected.as_bytes());
    }
    assert_eq!(
        transport.send(&call(true)).await.err().unwrap().to_string(),
        "cannot get credentials for the Kubernetes API server at https://cluster: the session expired"
    );
}

#[tokio::test]
async fn a_plugin_runs_once_and_again_after_a_401() {
    let directory = tempfile::tempdir().unwrap();
    let runs = directory.path().join("runs");
    let script = format!("echo x >> {0}; echo '{{\"status\": {{\"token\": \"'$(wc -l < {0})'\"}}}}'", runs.display());
    let plugin = Plugin::of_settings(&Exec {
        api_version: "client.authentication.k8s.io/v1".into(),
        command: "sh".into(),
        args: vec!["-c".into(), script],
        env: Vec::new(),
    });
    let answers = &[(200, "echo"), (200, "echo"), (401, ""), (200, "echo")];
    let (transport, _) = scripted(answers, Some(Bearer::Exec(plugin)));
    for expected in ["Bearer 1", "Bearer 1", "Bearer 2"] {
        let body = transport.send(&call(true)).await.unwrap().body;
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}

#[tokio::test]
async fn connecting_neither_dials_nor_runs_the_plugin() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mark = directory.path().join("ran");
    let settings = Settings {
        host: Some(format!("http://{}", listener.local_addr().unwrap())),
        exec: Some(Exec {
            api_version: "client.authentication.k8s.io/v1".into(),
            command: "sh".into(),
            args: vec!["-c".into(), format!("touch {}; exit 1", mark.display())],
            env: Vec::new(),
        }),
        ..Settings::default()
    };
    let cluster = connect(settings).unwrap();
    assert_eq!(cluster.origin(), format!("host {} with the credential plugin sh", cluster.url()));
    assert_eq!(listener.accept().err().unwrap().kind(), std::io::ErrorKind::WouldBlock);
    assert!(!mark.exists());
    // The same cluster does both when it is asked something.
    assert!(matches!(cluster.version().await, Err(Error::Credentials { .. })));
    assert!(mark.exists());
}

async fn unreachable(host: String) -> (String, Duration) {
    let settings =
        Settings { host: Some(host), token: Some(TokenSource::Static("hush".into())), ..Settings::default() };
    let started = Instant::now();
    let error = connect(settings).unwrap().version().await.expect_err("no API server there");
    (error.to_string(), started.elapsed())
}

#[tokio::test]
async fn an_unreachable_cluster_is_said_in_one_sentence_and_soon() {
    let (text, took) = unreachable("https://127.0.0.1:1".into()).await;
    assert_eq!(text, "cannot reach the Kubernetes API server at https://127.0.0.1:1: connection refused");
    assert!(took < Duration::from_secs(3), "{took:?}");
    // Longer than a DNS label can be, so that nobody is asked.
    let (text, _) = unreachable(format!("http://{}", "x".repeat(64))).await;
    assert!(text.contains("x: its name cannot be resolved"), "{text}");
}

#[tokio::test]
async fn a_silent_server_does_not_hold_up_a_plan() {
    // The kernel accepts for the backlog; nobody answers the TLS handshake.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("https://{}", listener.local_addr().unwrap());
    let (text, took) = unreachable(host.clone()).await;
    assert_eq!(text, format!("cannot reach the Kubernetes API server at {host}: no connection within 5 s"));
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_named_as_such() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 512]).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let (text, _) = unreachable(host).await;
    assert!(text.ends_with("it does not speak TLS (is it http://?)"), "{text}");
}

/// An API server that hangs up on the first request, after it has read it, and answers the others.
async fn hanging_up() -> (Transport, Arc<AtomicUsize>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0, "a request");
            if count.fetch_add(1, Ordering::SeqCst) > 0 {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            }
        }
    });
    let config = ::kube::Config::new(url.parse().unwrap());
    (Transport::new(Source { config, bearer: None, origin: "a test".into() }).unwrap(), asked)
}

#[tokio::test]
async fn a_broken_connection_is_made_up_for_where_that_is_safe() {
    let (transport, asked) = hanging_up().await;
    let answer = transport.send(&call(true)).await.unwrap();
    assert_eq!((answer.repeated, asked.load(Ordering::SeqCst)), (true, 2));

    let (transport, asked) = hanging_up().await;
    let error = transport.send(&call(false)).await.err().unwrap();
    let text = format!("cannot reach the Kubernetes API server at {}: ", transport.url);
    assert_eq!(error.to_string(), text + "connection closed before message completed");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
