//! Pods that write lines, and the lines that Loki has of them.

use serde_json::{Value, json};

use crate::support::{kubectl, loki_get};

/// A namespace with pods that write; it goes with the value.
pub struct Pods {
    namespace: String,
}

impl Pods {
    pub fn new(namespace: &str) -> Self {
        kubectl(&["create", "namespace", namespace]);
        Self { namespace: namespace.to_owned() }
    }

    /// A pod that writes `<name> 1`, `<name> 2` and so on, with a pause between two where there is one.
    pub fn write(&self, name: &str, lines: u64, pause: &str) {
        self.write_as(name, &format!("{name} "), lines, pause);
    }

    /// The same with another beginning of each line.
    pub fn write_as(&self, name: &str, prefix: &str, lines: u64, pause: &str) {
        let image = "lab.local/writer:1";
        let env = |name: &str, value: &str| json!({"name": name, "value": value});
        let env = [env("LINES", &lines.to_string()), env("PREFIX", prefix), env("PAUSE", pause)];
        let container = json!({"name": "writer", "image": image, "imagePullPolicy": "IfNotPresent", "env": env});
        let spec = json!({"spec": {"terminationGracePeriodSeconds": 0, "containers": [container]}}).to_string();
        let (namespace, image) = (&self.namespace, format!("--image={image}"));
        kubectl(&["run", name, "-n", namespace, &image, "--labels=role=writer", "--overrides", &spec]);
    }
}

impl Drop for Pods {
    fn drop(&mut self) {
        kubectl(&["delete", "namespace", &self.namespace, "--wait=false", "--ignore-not-found"]);
    }
}

/// What Loki has of a pod by a shipper.
pub struct Lines {
    /// In the order of their time.
    pub lines: Vec<String>,
    /// Of the one stream.
    pub labels: Value,
}

fn selector(shipper: &str, pod: &str) -> String {
    format!("%7Bshipper%3D%22{shipper}%22%2Cpod%3D%22{pod}%22%7D")
}

/// How many lines Loki has.
pub fn count(loki: &str, shipper: &str, pod: &str) -> u64 {
    let query = format!("sum(count_over_time({}%5B1h%5D))", selector(shipper, pod));
    let answer: Value = serde_json::from_str(&loki_get(loki, &format!("/loki/api/v1/query?query={query}"))).unwrap();
    let number = answer["data"]["result"][0]["value"][1].as_str().unwrap_or("0");
    number.parse().unwrap()
}

/// All lines, page by page.
pub fn lines_of(loki: &str, shipper: &str, pod: &str) -> Lines {
    const PAGE: usize = 5000;
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let mut start = now - 3_600_000_000_000;
    let mut found: Vec<(u128, String)> = Vec::new();
    let mut labels = Value::Null;
    loop {
        let query = selector(shipper, pod);
        let path = format!(
            "/loki/api/v1/query_range?query={query}&direction=forward&limit={PAGE}&start={start}&end={}",
            now + 1_000_000_000
        );
        let answer: Value = serde_json::from_str(&loki_get(loki, &path)).unwrap();
        let mut page: Vec<(u128, String)> = Vec::new();
        for stream in answer["data"]["result"].as_array().unwrap() {
            labels = stream["stream"].clone();
            for value in stream["values"].as_array().unwrap() {
                page.push((value[0].as_str().unwrap().parse().unwrap(), value[1].as_str().unwrap().to_owned()));
            }
        }
        page.sort_by_key(|(time, _)| *time);
        let full = page.len() == PAGE;
        let last = page.last().map(|(time, _)| *time);
        // A page ends within lines of one time, which the next one has all.
        if full {
            page.retain(|(time, _)| Some(*time) != last);
        }
        found.append(&mut page);
        match last.filter(|_| full) {
            Some(time) => start = time,
            None => break,
        }
    }
    Lines { lines: found.into_iter().map(|(_, line)| line).collect(), labels }
}
