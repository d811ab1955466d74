//! A user of Loki's HTTP API.

use std::process::Command;

use super::kubectl;

/// Sends requests to a service as one user. The node asks no cluster DNS, so a service's URL is turned into its address.
#[derive(Clone)]
pub struct Client {
    base: String,
    arguments: Vec<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status; 0 where there was no answer.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Client {
    /// A user without a name at a URL; one within the cluster may be that of a service.
    pub fn new(url: &str) -> Self {
        Self { base: reachable(url), arguments: Vec::new() }
    }

    /// The same with a name and a password.
    pub fn user(&self, name: &str, password: &str) -> Self {
        self.with(&["--user", &format!("{name}:{password}")])
    }

    /// The same with a header.
    pub fn header(&self, header: &str) -> Self {
        self.with(&["--header", header])
    }

    fn with(&self, arguments: &[&str]) -> Self {
        let mut more = self.clone();
        more.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        more
    }

    /// Status and body of a request.
    pub fn send(&self, path: &str, arguments: &[&str]) -> Answer {
        let output = Command::new("curl")
            .args(["--silent", "--insecure", "--max-time", "20", "--write-out", "\n%{http_code}"])
            .args(&self.arguments)
            .args(arguments)
            .arg(format!("{}{path}", self.base))
            .output()
            .expect("curl runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (body, status) = text.rsplit_once('\n').unwrap_or_default();
        Answer { status: status.parse().unwrap_or_default(), body: body.to_owned() }
    }

    /// Status of a GET.
    pub fn status(&self, path: &str) -> u16 {
        self.send(path, &[]).status
    }

    /// Body of a GET.
    pub fn get(&self, path: &str) -> String {
        self.send(path, &[]).body
    }

    /// Pushes one line with the label `job`, at the present time.
    pub fn push(&self, job: &str, line: &str) -> Answer {
        let now = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos().to_string();
        let body = serde_json::json!({ "streams": [{ "stream": { "job": job }, "values": [[now, line]] }] });
        self.send(
            "/loki/api/v1/push",
            &["--header", "Content-Type: application/json", "--data-binary", &body.to_string()],
        )
    }

    /// The answer to a query for the label `job`.
    pub fn reads(&self, job: &str) -> String {
        self.get(&format!("/loki/api/v1/query_range?limit=5000&query=%7Bjob%3D%22{job}%22%7D"))
    }
}

impl Answer {
    /// Panics unless the status is 2xx.
    #[track_caller]
    pub fn succeeds(&self) {
        assert!((200..300).contains(&self.status), "{self:?}");
    }
}

#[track_caller]
fn reachable(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or_else(|| panic!("{url:?} is no URL"));
    let (host, port) = rest.split_once(':').map_or((rest, String::new()), |(host, port)| (host, format!(":{port}")));
    let [service, namespace, "svc", ..] = host.split('.').collect::<Vec<_>>()[..] else { return url.to_owned() };
    let address = kubectl(&["get", "service", service, "-n", namespace, "-o", "jsonpath={.spec.clusterIP}"]);
    format!("{scheme}://{address}{port}")
}
