//! Lines that are pushed all the time, and what became of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Client;

/// Lines a second.
const RATE: u64 = 50;

/// A writer of numbered lines with the label `job="load"`.
pub struct Load {
    client: Client,
    stop: Arc<AtomicBool>,
    writer: JoinHandle<Vec<u64>>,
}

impl Load {
    /// Begins to push.
    pub fn start(client: &Client) -> Self {
        let (client, stop) = (client.clone(), Arc::new(AtomicBool::new(false)));
        let writer = {
            let (client, stop) = (client.clone(), stop.clone());
            thread::spawn(move || write(&client, &stop))
        };
        Self { client, stop, writer }
    }

    /// Ends, and panics unless every line that was accepted can be read back.
    pub fn ends_without_loss(self) {
        self.stop.store(true, Ordering::Relaxed);
        let accepted = self.writer.join().expect("the writer ends");
        assert!(accepted.len() > 100, "{} lines are no load", accepted.len());
        let began = Instant::now();
        loop {
            let pages = pages(&self.client, accepted.len());
            let is_there = |number: &u64| pages.iter().any(|page| page.contains(&format!("line {number:06}")));
            let missing: Vec<_> = accepted.iter().filter(|number| !is_there(number)).collect();
            if missing.is_empty() {
                break;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{} of {} accepted lines are not readable, from {:?} to {:?}; Loki answers {:.300}",
                missing.len(),
                accepted.len(),
                missing.first(),
                missing.last(),
                pages[0]
            );
            thread::sleep(Duration::from_secs(1));
        }
        let all = accepted.last().unwrap_or(&0) + 1;
        println!("{} of {all} lines were accepted, and all of them are there", accepted.len());
    }
}

/// Pushes until it is told to stop. The numbers of the lines that were accepted.
fn write(client: &Client, stop: &AtomicBool) -> Vec<u64> {
    let began = Instant::now();
    let mut accepted = Vec::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        if client.push("load", &format!("line {number:06}")).status == 204 {
            accepted.push(number);
        }
        number += 1;
        let due = Duration::from_millis(number * 1000 / RATE);
        thread::sleep(due.saturating_sub(began.elapsed()));
    }
    accepted
}

/// What Loki returns of them: an answer has 5000 lines at most, so the numbers are asked for by their thousands.
fn pages(client: &Client, lines: usize) -> Vec<String> {
    let page = |thousand: usize| {
        let query = format!("%7Bjob%3D%22load%22%7D%20%7C%3D%20%22line%20{thousand:03}%22");
        client.get(&format!("/loki/api/v1/query_range?limit=5000&query={query}"))
    };
    // Numbers of refused lines count as well: one thousand more than was accepted may begin.
    (0..=lines / 1000 + 1).map(page).collect()
}
