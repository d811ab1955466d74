//! A proxy between the provider and AWS that does what networks and AWS do on a bad day.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;
use std::time::{Duration, Instant};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    /// AWS throttles the account.
    Throttled,
    /// AWS fails on its side before it did anything.
    Failed,
    /// The connection ends before anybody has read the request.
    ResetBefore,
    /// The request is carried out, and its answer gets lost.
    ResetAfter,
    /// The answer takes its time.
    Slow,
    /// What has just been created is not shown yet.
    NotThereYet,
}

/// How long AWS may not show something new.
const SETTLES: Duration = Duration::from_millis(400);

struct Weather {
    upstream: String,
    random: Mutex<fastrand::Rng>,
    /// Of a hundred requests.
    faults: u8,
    /// When buckets and roles were created, by name.
    created: Mutex<HashMap<String, Instant>>,
    counts: Mutex<HashMap<String, usize>>,
}

/// The proxy; it ends with the test's process.
pub struct Faults {
    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub url: String,
    weather: Arc<Weather>,
}

impl Faults {
    /// In front of `upstream`, `http://HOST:PORT`. So many of a hundred requests meet a fault, the same ones for the same
    /// seed and order.
    pub fn new(upstream: &str, seed: u64, faults: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let weather = Arc::new(Weather {
            upstream: upstream.trim_start_matches("http://").to_owned(),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            faults,
            created: Mutex::default(),
            counts: Mutex::default(),
        });
        let shared = weather.clone();
        spawn(move || {
            for client in listener.incoming().flatten() {
                let weather = shared.clone();
                // A client that goes away is none of ours.
                spawn(move || weather.serve(client).ok());
            }
        });
        Self { url, weather }
    }

    /// How often each fate was met.
    pub fn counts(&self) -> HashMap<String, usize> {
        self.weather.counts.lock().unwrap().clone()
    }
}

impl Weather {
    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let Some(request) = read(&mut client)? else { return Ok(()) };
        let fate = self.fate(&request);
        *self.counts.lock().unwrap().entry(format!("{fate:?}")).or_default() += 1;
        match fate {
            Fate::Passes => {}
            Fate::Slow => std::thread::sleep(Duration::from_millis(300)),
            Fate::ResetBefore => return reset(client),
            Fate::ResetAfter => {
                self.exchange(&request)?;
                return reset(client);
            }
            Fate::Throttled => return answer(&mut client, &request, 503, "SlowDown", "Throttling"),
            Fate::Failed => return answer(&mut client, &request, 500, "InternalError", "ServiceFailure"),
            Fate::NotThereYet => return answer(&mut client, &request, 404, "NoSuchBucket", "NoSuchEntity"),
        }
        client.write_all(&self.exchange(&request)?)
    }

    fn fate(&self, request: &Request) -> Fate {
        let mut random = self.random.lock().unwrap();
        let new = request.about().is_some_and(|name| {
            self.created.lock().unwrap().get(&name).is_some_and(|created| created.elapsed() < SETTLES)
        });
        if new && !request.creates() && random.u8(..100) < 30 {
            return Fate::NotThereYet;
        }
        if random.u8(..100) >= self.faults {
            return Fate::Passes;
        }
        let fates = [Fate::Throttled, Fate::Failed, Fate::ResetBefore, Fate::ResetAfter, Fate::Slow];
        fates[random.usize(..fates.len())]
    }

    /// The answer, after which the connection ends: it says so itself.
    fn exchange(&self, request: &Request) -> std::io::Result<Vec<u8>> {
        let end = request.bytes.iter().position(|byte| *byte == b'\n').expect("a first line") + 1;
        let mut stream = TcpStream::connect(&self.upstream)?;
        stream.write_all(&request.bytes[..end])?;
        stream.write_all(b"Connection: close\r\n")?;
        stream.write_all(&request.bytes[end..])?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        if request.creates()
            && answer.starts_with(b"HTTP/1.1 200")
            && let Some(name) = request.about()
        {
            self.created.lock().unwrap().insert(name, Instant::now());
        }
        Ok(answer)
    }
}

fn reset(client: TcpStream) -> std::io::Result<()> {
    client.shutdown(std::net::Shutdown::Both)
}

struct Request {
    bytes: Vec<u8>,
    line: String,
    body: String,
}

impl Request {
    /// The bucket or the role that it is about.
    fn about(&self) -> Option<String> {
        let path = self.line.split(' ').nth(1)?;
        if path == "/" {
            let role = self.body.split('&').find_map(|pair| pair.strip_prefix("RoleName="))?;
            return Some(role.to_owned());
        }
        let bucket = path.trim_start_matches('/').split(['/', '?']).next()?;
        (!bucket.is_empty() && bucket != "clusters").then(|| bucket.to_owned())
    }

    fn creates(&self) -> bool {
        let path = self.line.split(' ').nth(1).unwrap_or_default();
        let bucket = self.line.starts_with("PUT") && !path.trim_start_matches('/').contains(['/', '?']);
        bucket || self.body.contains("Action=CreateRole&")
    }
}

fn read(client: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let read = client.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().expect("a length"))
        });
        if bytes.len() - (head.len() + 4) >= length.unwrap_or(0) {
            let line = head.lines().next().unwrap_or_default().to_owned();
            let body = body.to_owned();
            return Ok(Some(Request { bytes, line, body }));
        }
    }
}

/// An error as S3 or the query protocol has it.
fn answer(client: &mut TcpStream, request: &Request, status: u16, s3: &str, query: &str) -> std::io::Result<()> {
    let body = if request.body.starts_with("Action=") {
        format!("<ErrorResponse><Error><Code>{query}</Code><Message>the weather</Message></Error></ErrorResponse>")
    } else {
        format!("<Error><Code>{s3}</Code><Message>the weather</Message></Error>")
    };
    let body = if request.line.starts_with("HEAD") { "" } else { &body };
    let head = format!("HTTP/1.1 {status} X\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n", body.len());
    client.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes())
}
