//! One thread of the fuzzer: makes cases, runs them, keeps what is new and what fails.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use fastrand::Rng;
use prost::Message;

use super::case::Case;
use super::life::{self, Ask};
use super::requests;
use super::rpcs::{Answer, Of, RPCS};
use super::run::{Shared, folder};
use super::shrink::shrink;
use super::target::Target;

/// Cases to mutate are not larger than this, and there are not more of them.
const POOL: (usize, usize) = (16 << 10, 4096);
/// How many new cases of each RPC a run may add to the corpus.
const KEPT: usize = 4;
/// How many failures are worth their shrinking.
const FAILURES: usize = 20;

pub struct Worker {
    index: usize,
    rng: Rng,
    target: Target,
    shared: Arc<Shared>,
    /// What runs now, so that a crash of the process leaves its cause behind.
    current: File,
    configured: Vec<u8>,
    mood: u64,
    /// What the answers looked like so far.
    seen: HashSet<u64>,
    pool: Vec<Case>,
    failed: HashSet<String>,
    /// How many cases of each RPC were added to the corpus.
    kept: BTreeMap<&'static str, usize>,
    /// The case before, for who finds fault with its answer.
    last: Option<Case>,
}

impl Worker {
    pub fn new(index: usize, seed: u64, shared: Arc<Shared>, corpus: Vec<Case>) -> Self {
        let file = folder().join(format!("current-{index}"));
        std::fs::create_dir_all(folder()).expect("the folder of the fuzzer");
        Self {
            index,
            rng: Rng::with_seed(seed ^ (index as u64) << 56),
            target: Target::new(),
            shared,
            current: File::create(file).expect("a file for the current case"),
            configured: Vec::new(),
            mood: 0,
            seen: HashSet::new(),
            pool: corpus,
            failed: HashSet::new(),
            kept: BTreeMap::new(),
            last: None,
        }
    }

    /// Works until there is enough.
    pub fn work(&mut self) {
        while !self.shared.enough() {
            if self.rng.u8(..) < 2 {
                self.configured = requests::request(&mut self.rng, &self.target.offers, rpc("configure_provider"));
            }
            self.mood = self.rng.u64(..);
            match self.rng.u8(..10) {
                0 => self.life(),
                1..5 if !self.pool.is_empty() => {
                    let mut case = self.pool[self.rng.usize(..self.pool.len())].clone();
                    (case.mood, case.sensible) = (self.mood, false);
                    requests::scramble(&mut self.rng, &mut case.request);
                    self.run(case);
                }
                _ => {
                    let rpc = &RPCS[self.rng.usize(..RPCS.len())];
                    let mut request = requests::request(&mut self.rng, &self.target.offers, rpc);
                    if self.rng.u8(..) < 20 {
                        requests::scramble(&mut self.rng, &mut request);
                    }
                    self.run(self.case(rpc.name, request, false));
                }
            }
        }
        // Ended in order: nothing crashed.
        let _ = std::fs::remove_file(folder().join(format!("current-{}", self.index)));
    }

    fn life(&mut self) {
        let all = self.target.offers.all(Of::Resource);
        let (name, kind) = all[self.rng.usize(..all.len())].clone();
        let mut rng = self.rng.fork();
        life::lead(self, &mut rng, &name, &kind);
    }

    fn case(&self, rpc: &'static str, request: Vec<u8>, sensible: bool) -> Case {
        Case { rpc, mood: self.mood, configured: self.configured.clone(), request, sensible }
    }

    /// The answer; none when the case failed.
    fn run(&mut self, case: Case) -> Option<Answer> {
        let bytes = case.to_bytes();
        let head = format!("{}-crashed\n{}\n", case.rpc, bytes.len());
        let _ = self.current.write_all_at(&[head.as_bytes(), &bytes].concat(), 0);
        self.shared.begin(self.index, &case);
        let outcome = self.target.run(&case);
        self.shared.end(self.index, case.rpc, outcome.answer.as_ref());
        if let Some(failure) = outcome.failure {
            self.last = Some(case);
            self.fault(failure);
            return None;
        }
        let answer = outcome.answer?;
        if self.seen.insert(looks(case.rpc, &answer)) {
            self.shared.kinds.fetch_add(1, Ordering::Relaxed);
            let kept = self.kept.entry(case.rpc).or_default();
            if self.shared.keep && self.index == 0 && bytes.len() < 1024 && *kept < KEPT {
                *kept += 1;
                case.write(&super::run::corpus()).expect("the corpus is written");
            }
            if case.request.len() < POOL.0 && self.pool.len() < POOL.1 {
                self.pool.push(case.clone());
            }
        }
        self.last = Some(case);
        Some(answer)
    }
}

impl Ask for Worker {
    fn ask(&mut self, rpc: &'static str, request: &impl Message) -> Option<Vec<u8>> {
        let case = self.case(rpc, request.encode_to_vec(), true);
        self.run(case).map(|answer| answer.encoded)
    }

    fn fault(&mut self, why: String) {
        let Some(case) = self.last.clone() else { return };
        let class = normal(&why);
        if self.failed.len() >= FAILURES || !self.failed.insert(class.clone()) {
            return;
        }
        self.shared.pause(self.index);
        // A smaller request of a life would no longer follow from what came before it: it would fail for another reason.
        let smaller = if case.sensible {
            case.request.clone()
        } else {
            shrink(&case.request, &mut |request| {
                let outcome = self.target.run(&Case { request: request.to_vec(), ..case.clone() });
                outcome.failure.is_some_and(|it| normal(&it) == class)
            })
        };
        let name = Case { request: smaller, ..case }.write(&folder().join("failures"));
        self.shared.failures.lock().expect("no panic").push(format!("{why}\n    kept as {}", name.expect("a file")));
    }
}

fn rpc(name: &str) -> &'static super::rpcs::Rpc {
    RPCS.iter().find(|it| it.name == name).expect("an RPC of the protocol")
}

/// A text without what differs from case to case: numbers, and what is quoted.
pub fn normal(text: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for letter in text.chars().take(400) {
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '0'..='9' if out.ends_with('0') => {}
            '0'..='9' => out.push('0'),
            other => out.push(other),
        }
    }
    out
}

/// What an answer looks like: its diagnostics, and which parts it has.
fn looks(rpc: &str, answer: &Answer) -> u64 {
    let mut hash = DefaultHasher::new();
    let mut texts = BTreeMap::new();
    for it in &answer.diagnostics {
        let path = it.attribute.as_ref().map_or(0, |it| it.steps.len());
        *texts.entry((normal(&it.summary), normal(&it.detail).len() / 64, path)).or_insert(0_u8) |= 1;
    }
    let values: Vec<_> = answer.values.iter().map(|it| (it.0, it.1.msgpack.len().min(2))).collect();
    (rpc, texts, values, answer.function_error.as_deref().map(normal)).hash(&mut hash);
    hash.finish()
}
