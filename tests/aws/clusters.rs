//! The port of EKS.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use loki_provider::aws::connect;
use secrecy::ExposeSecret;

use crate::support::{CLUSTER, administrator, endpoint, settings};

#[tokio::test]
async fn an_eks_cluster_tells_how_to_reach_it() {
    let aws = administrator();
    let cluster = aws.describe_cluster(CLUSTER).await.unwrap();
    assert!(cluster.ca_pem.unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(cluster.endpoint.unwrap().starts_with("https://"));
    assert_eq!(cluster.status, "ACTIVE");
    let missing = aws.describe_cluster("no-such-cluster").await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
    assert!(missing.request_id.is_some());
}

/// What the API server asks about a token (TokenReview).
pub fn authenticated(token: &str) -> bool {
    let body = serde_json::json!({"spec": {"token": token}}).to_string();
    let endpoint = endpoint();
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST /lab/authenticate HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.contains("\"authenticated\": true")
}

#[tokio::test]
async fn the_api_server_accepts_the_eks_token() {
    let token = administrator().eks_token(CLUSTER).await.unwrap();
    assert!(token.expires_at > SystemTime::now() + Duration::from_secs(14 * 60));
    assert!(authenticated(token.token.expose_secret()));
    let other_cluster = administrator().eks_token("other").await.unwrap();
    assert!(!authenticated(other_cluster.token.expose_secret()));
    let wrong_secret = connect(settings("test", "wrong")).eks_token(CLUSTER).await.unwrap();
    assert!(!authenticated(wrong_secret.token.expose_secret()));
}
