//! A proxy in front of an HTTP API that holds one request back, so that something can happen at that very moment.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::spawn;
use std::time::Duration;

/// What becomes of the request that is held.
#[derive(Clone, Copy, Debug)]
pub enum Hold {
    /// It never gets through.
    Request,
    /// It is carried out, and its answer is kept back.
    Answer,
}

/// The proxy. It holds the first request that fits, and lets the others through.
pub struct Gate {
    /// Where it listens, as `http://127.0.0.1:PORT`.
    pub url: String,
    held: Receiver<()>,
}

impl Gate {
    /// In front of `upstream`, as `HOST:PORT`. A request fits when its first line and body hold all the `words`, and none
    /// of those after a `!`.
    pub fn new(upstream: &str, hold: Hold, words: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let shared = Arc::new((upstream.to_owned(), words, AtomicBool::new(false)));
        let (tell, held) = channel();
        let tell = Arc::new(Mutex::new(tell));
        spawn(move || {
            for client in listener.incoming() {
                let (shared, tell) = (shared.clone(), tell.clone());
                spawn(move || {
                    let (upstream, words, done) = &*shared;
                    let mut client = client.expect("a connection");
                    let Some((line, request)) = read(&mut client) else { return };
                    let fits = words.iter().all(|word| match word.strip_prefix('!') {
                        Some(absent) => !line.contains(absent),
                        None => line.contains(word),
                    });
                    let fits = fits && !done.swap(true, Ordering::SeqCst);
                    if !(fits && matches!(hold, Hold::Request)) {
                        let answer = exchange(upstream, &request);
                        if !fits {
                            let _ = client.write_all(&answer);
                            return;
                        }
                    }
                    let _ = tell.lock().expect("no one panics with it").send(());
                    // Until the client gives up.
                    let _ = client.read_to_end(&mut Vec::new());
                });
            }
        });
        Self { url, held }
    }

    /// Waits until a request is held.
    #[track_caller]
    pub fn holds(&self) {
        self.held.recv_timeout(Duration::from_secs(60)).expect("a request that fits");
    }
}

/// A whole request, and of it the first line with the body; none when the client has gone.
fn read(client: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut request, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let read = client.read(&mut buffer).ok().filter(|read| *read > 0)?;
        request.extend(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().expect("a length"))
        });
        if request.len() - (head.len() + 4) >= length.unwrap_or(0) {
            let line = head.lines().next().unwrap_or_default();
            return Some((format!("{line}\n{body}"), request));
        }
    }
}

/// The answer, after which the connection ends: it says so itself.
fn exchange(upstream: &str, request: &[u8]) -> Vec<u8> {
    let end = request.iter().position(|byte| *byte == b'\n').expect("a first line") + 1;
    let mut stream = TcpStream::connect(upstream).expect("the API is there");
    stream.write_all(&request[..end]).expect("it listens");
    stream.write_all(b"Connection: close\r\n").expect("it listens");
    stream.write_all(&request[end..]).expect("it listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    answer
}
