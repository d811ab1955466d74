//! How AWS is reached: through proxies, with certificates of one's own, at endpoints of other kinds, with other files.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use loki_provider::aws::{Kind, Settings, connect};

use crate::support::{ACCOUNT, REGION, endpoint, in_child, now, settings};

/// A forward proxy for plain HTTP that notes what it is asked for; a CONNECT it refuses.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        spawn(move || {
            for client in listener.incoming().flatten() {
                let notes = notes.clone();
                // A client that goes away is none of ours.
                spawn(move || forward(client, &notes).ok());
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn forward(client: TcpStream, notes: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length, mut login) = (Vec::new(), 0, String::new());
    let mut first = String::new();
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "proxy-authorization" => login = format!(" {}", value.trim()),
            _ => {}
        }
        head.push(line);
    }
    let mut parts = first.split(' ');
    let (method, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    notes.lock().unwrap().push(format!("{method} {target}{login}"));
    let mut client = client;
    if method == "CONNECT" {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let url = url::Url::parse(target).map_err(std::io::Error::other)?;
    let mut upstream = TcpStream::connect((url.host_str().unwrap_or_default(), url.port().unwrap_or(80)))?;
    let path = format!("{}{}", url.path(), url.query().map(|query| format!("?{query}")).unwrap_or_default());
    let head = head.concat();
    upstream.write_all(format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{head}\r\n").as_bytes())?;
    upstream.write_all(&body)?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    client.write_all(&answer)
}

#[tokio::test]
async fn requests_go_through_the_proxy_with_its_login_and_past_it() {
    let proxy = Proxy::start();
    let mut through = settings("test", "test");
    through.proxy_url = Some(format!("http://who:hunter2@{}", proxy.address).into());
    assert_eq!(connect(through.clone()).caller().await.unwrap().account, ACCOUNT);
    let asked = proxy.asked();
    // "who:hunter2" in base64.
    assert!(
        asked[0].starts_with(&format!("POST {}", endpoint())) && asked[0].ends_with("Basic d2hvOmh1bnRlcjI="),
        "{asked:?}"
    );
    let host = url::Url::parse(&endpoint()).unwrap().host_str().unwrap().to_owned();
    through.no_proxy = Some(format!("somewhere.example,{host}"));
    assert_eq!(connect(through).caller().await.unwrap().account, ACCOUNT);
    assert_eq!(proxy.asked().len(), asked.len(), "it was passed by");
}

#[test]
fn the_environments_proxy_counts() {
    let proxy = Proxy::start();
    let address = format!("http://{}", proxy.address);
    if in_child("networks::the_environments_proxy_counts", &[("HTTP_PROXY", &address)]) {
        let caller = now(async { connect(settings("test", "test")).caller().await });
        assert_eq!(caller.unwrap().account, ACCOUNT);
        return;
    }
    assert!(!proxy.asked().is_empty());
}

#[tokio::test]
async fn endpoints_of_both_stacks_and_with_fips_are_asked_for() {
    let proxy = Proxy::start();
    for (dualstack, fips, host) in [
        (false, false, "sts.eu-west-1.amazonaws.com:443"),
        (true, false, "sts.eu-west-1.api.aws:443"),
        (false, true, "sts-fips.us-east-1.amazonaws.com:443"),
    ] {
        let settings = Settings {
            region: Some(if fips { "us-east-1" } else { REGION }.into()),
            access_key: Some("test".into()),
            secret_key: Some("test".into()),
            proxy_url: Some(format!("http://{}", proxy.address).into()),
            use_dualstack_endpoint: Some(dualstack),
            use_fips_endpoint: Some(fips),
            max_retries: Some(0),
            ..Settings::default()
        };
        let error = connect(settings).caller().await.unwrap_err();
        assert!(matches!(error.kind, Kind::Unreachable { .. }), "{error}");
        let asked = proxy.asked();
        assert!(asked.iter().any(|it| it.starts_with(&format!("CONNECT {host}"))), "{host}: {asked:?}");
    }
    assert_eq!(proxy.asked().len(), 3, "no attempt is repeated: {:?}", proxy.asked());
}

/// AWS behind TLS, with a certificate of nobody whom the system trusts; its authority as PEM.
fn behind_tls() -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let chain = vec![certificate.der().clone()];
    let key = rustls_pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let upstream = endpoint().trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        while let Ok((client, _)) = listener.accept().await {
            let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
            tokio::spawn(async move {
                // A client that does not trust us goes away.
                let mut client = acceptor.accept(client).await.ok()?;
                let mut upstream = tokio::net::TcpStream::connect(upstream).await.ok()?;
                tokio::io::copy_bidirectional(&mut client, &mut upstream).await.ok()
            });
        }
    });
    (format!("https://localhost:{port}"), certificate.pem())
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_by_its_bundle_alone() {
    let (url, authority) = behind_tls();
    let mut settings = settings("test", "test");
    settings.endpoints.sts = Some(url);
    settings.max_retries = Some(0);
    let refused = connect(settings.clone()).caller().await.unwrap_err();
    assert!(matches!(refused.kind, Kind::Unreachable { .. } | Kind::Other(_)), "{refused}");
    assert!(refused.to_string().contains("certificate"), "{refused}");
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, authority).unwrap();
    settings.custom_ca_bundle = Some(bundle.to_str().unwrap().to_owned());
    assert_eq!(connect(settings.clone()).caller().await.unwrap().account, ACCOUNT);
    settings.custom_ca_bundle = Some("/nowhere/ca.pem".into());
    let missing = connect(settings).caller().await.unwrap_err();
    assert!(missing.to_string().contains("\"/nowhere/ca.pem\" cannot be read"), "{missing}");
}

#[test]
fn shared_files_are_where_the_settings_say() {
    if !in_child("networks::shared_files_are_where_the_settings_say", &[]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let endpoint = Some(endpoint());
    let base = Settings {
        shared_config_files: vec![file("config", "[default]\nregion = eu-west-1\n[profile ci]\nregion = eu-west-3\n")],
        shared_credentials_files: vec![file(
            "credentials",
            "[default]\naws_access_key_id = test\naws_secret_access_key = test\n[ci]\naws_access_key_id = AKIAUNKNOWN\naws_secret_access_key = x\n",
        )],
        endpoints: loki_provider::aws::Endpoints { sts: endpoint, ..Default::default() },
        ..Settings::default()
    };
    now(async {
        let aws = connect(base.clone());
        assert_eq!(aws.region().await.unwrap(), "eu-west-1");
        assert_eq!(aws.caller().await.unwrap().account, ACCOUNT);
        let aws = connect(Settings { profile: Some("ci".into()), ..base });
        assert_eq!(aws.region().await.unwrap(), "eu-west-3");
        let refused = aws.caller().await.unwrap_err();
        assert!(matches!(refused.kind, Kind::CredentialsRefused(_)), "{refused}");
    });
}
