//! The runs: short in `cargo test`, long in `make fuzz`, and the replay of what is kept.
//!
//! Environment: `FUZZ_EXECUTIONS` and `FUZZ_SECONDS` (whichever ends first), `FUZZ_SEED`, `FUZZ_THREADS`, and `FUZZ_KEEP=1`
//! to add what leads somewhere new to the corpus.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::case::Case;
use super::rpcs::Answer;
use super::target::Target;
use super::worker::Worker;

/// An execution that takes longer hangs. Most take a fraction of a millisecond.
const HANGS: Duration = Duration::from_secs(20);
/// Resident memory that is never needed.
const MEMORY_MIB: u64 = 1024;

/// Failing cases and what runs at the moment.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz")
}

pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

/// What the workers share.
pub struct Shared {
    until: Instant,
    executions: u64,
    done: AtomicU64,
    unread: AtomicU64,
    refused: AtomicU64,
    stop: AtomicBool,
    /// How many different answers each worker has seen, added up.
    pub kinds: AtomicU64,
    pub keep: bool,
    pub failures: Mutex<Vec<String>>,
    slowest: Mutex<BTreeMap<&'static str, (Duration, u64)>>,
    current: Vec<Mutex<Option<(Instant, Case)>>>,
}

impl Shared {
    pub fn enough(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
            || self.done.load(Ordering::Relaxed) >= self.executions
            || Instant::now() >= self.until
    }

    pub fn begin(&self, worker: usize, case: &Case) {
        *self.current[worker].lock().expect("no panic") = Some((Instant::now(), case.clone()));
    }

    pub fn end(&self, worker: usize, rpc: &'static str, answer: Option<&Answer>) {
        let taken = self.current[worker].lock().expect("no panic").take();
        self.done.fetch_add(1, Ordering::Relaxed);
        match answer {
            None => drop(self.unread.fetch_add(1, Ordering::Relaxed)),
            Some(answer) if !answer.diagnostics.is_empty() || answer.function_error.is_some() => {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
            Some(_) => {}
        }
        let taken = taken.map_or(Duration::ZERO, |it| it.0.elapsed());
        let mut slowest = self.slowest.lock().expect("no panic");
        let (slow, count) = slowest.entry(rpc).or_default();
        (*slow, *count) = ((*slow).max(taken), *count + 1);
    }

    /// Shrinking takes its time.
    pub fn pause(&self, worker: usize) {
        *self.current[worker].lock().expect("no panic") = None;
    }

    /// Ends the process when a case hangs, and the run when memory grows.
    fn watch(&self) {
        for current in &self.current {
            let hangs = current.lock().expect("no panic").clone().filter(|it| it.0.elapsed() > HANGS);
            if let Some((_, case)) = hangs {
                let name = case.write(&folder().join("failures"));
                eprintln!("an execution hangs; kept as {name:?}");
                std::process::exit(1);
            }
        }
        let resident = memory("VmRSS:");
        if resident > MEMORY_MIB {
            self.failures.lock().expect("no panic").push(format!("{resident} MiB are resident"));
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or_default() / 1024
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is a number: {text}")))
}

/// A crash takes the process along; the next run finds what it left.
fn crashed() -> Option<String> {
    let files = std::fs::read_dir(folder()).ok()?.flatten();
    files.filter(|it| it.file_name().to_string_lossy().starts_with("current-")).find_map(|file| {
        let bytes = std::fs::read(file.path()).ok()?;
        std::fs::remove_file(file.path()).ok()?;
        let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
        let name = std::str::from_utf8(lines.next()?).ok()?;
        let length: usize = std::str::from_utf8(lines.next()?).ok()?.parse().ok()?;
        let case = Case::from_bytes(name, lines.next()?.get(..length)?)?;
        case.write(&folder().join("crashes")).ok()
    })
}

#[test]
fn a_run_finds_nothing() {
    if let Some(case) = crashed() {
        println!("the last run ended in the midst of {case}, which is kept under crashes: it may be the cause");
    }
    let threads = setting("FUZZ_THREADS", 2) as usize;
    let begun = Instant::now();
    let shared = Arc::new(Shared {
        until: begun + Duration::from_secs(setting("FUZZ_SECONDS", 20)),
        executions: setting("FUZZ_EXECUTIONS", 200_000),
        done: AtomicU64::new(0),
        unread: AtomicU64::new(0),
        refused: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        kinds: AtomicU64::new(0),
        keep: setting("FUZZ_KEEP", 0) == 1,
        failures: Mutex::default(),
        slowest: Mutex::default(),
        current: (0..threads).map(|_| Mutex::default()).collect(),
    });
    let seed = setting("FUZZ_SEED", 4);
    let seeds: Vec<_> = Case::all(&corpus()).into_iter().map(|it| it.1).collect();
    let workers: Vec<_> = (0..threads)
        .map(|index| {
            let (shared, seeds) = (Arc::clone(&shared), seeds.clone());
            let work = move || Worker::new(index, seed, shared, seeds).work();
            std::thread::Builder::new().name(format!("fuzz-{index}")).spawn(work).expect("a thread")
        })
        .collect();
    let mut told = Instant::now();
    while workers.iter().any(|it| !it.is_finished()) {
        std::thread::park_timeout(Duration::from_millis(200));
        shared.watch();
        if told.elapsed() > Duration::from_secs(30) {
            told = Instant::now();
            progress(&shared, begun);
        }
    }
    for worker in workers {
        worker.join().expect("the fuzzer itself does not panic");
    }
    progress(&shared, begun);
    for (rpc, (slowest, count)) in shared.slowest.lock().expect("no panic").iter() {
        println!("  {rpc:<36} {count:>9} executions, the slowest {:>8.1} ms", slowest.as_secs_f64() * 1e3);
    }
    let failures = shared.failures.lock().expect("no panic");
    assert!(
        failures.is_empty(),
        "{} failures, kept in {}:\n{}",
        failures.len(),
        folder().display(),
        failures.join("\n")
    );
    assert!(shared.done.load(Ordering::Relaxed) > 100, "too few executions to mean anything");
}

fn progress(shared: &Shared, begun: Instant) {
    let done = shared.done.load(Ordering::Relaxed);
    println!(
        "{done} executions, {:.0}/s; {} kinds of answers; {} unreadable, {} with diagnostics; {} MiB now, {} MiB at most",
        done as f64 / begun.elapsed().as_secs_f64(),
        shared.kinds.load(Ordering::Relaxed),
        shared.unread.load(Ordering::Relaxed),
        shared.refused.load(Ordering::Relaxed),
        memory("VmRSS:"),
        memory("VmHWM:"),
    );
}

/// Everything that once led somewhere, and every failure that was mended.
#[test]
fn the_corpus_is_replayed() {
    let replay = move || {
        let mut target = Target::new();
        let cases = Case::all(&corpus());
        assert!(cases.len() > 20, "the corpus is there");
        let failures: Vec<_> =
            cases.into_iter().filter_map(|(name, case)| Some((name, target.run(&case).failure?))).collect();
        assert!(failures.is_empty(), "{failures:#?}");
    };
    let thread = std::thread::Builder::new().name("fuzz-replay".to_owned()).spawn(replay).expect("a thread");
    thread.join().expect("the corpus passes");
}
