//! What Loki's judgement costs: of one configuration of 400 lines, the first one in a process included, and of the whole
//! corpus, through the function as Terraform calls it; and what the rendering of the largest stack does.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

#[allow(dead_code, reason = "tests/verify uses all of it")]
#[path = "../tests/verify/cases.rs"]
mod cases;

use loki_provider::functions::{ConfigDiff, VerifyConfig};
use loki_provider::loki::Options;
use loki_provider::resource::Function;
use loki_provider::schema::Cty;

const RUNS: usize = 201;
const VERSION: &str = "3.7.8";

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("benches/verify.yaml")).expect("the configuration of the bench");
    let (first, valid) = timed(|| judged(&text));
    assert!(valid, "Loki takes the configuration of the bench");
    println!("verify_config of {} lines", text.lines().count());
    row("the first of a process, which reads the model", first);
    row("each further one, median", median((0..RUNS).map(|_| timed(|| judged(&text)).0)));
    let other = text.replace("1h", "2h");
    let arguments = || vec![Cty::String(text.clone()), Cty::String(other.clone())];
    let differ = || timed(|| drop(black_box(ConfigDiff.call(arguments())))).0;
    row("config_diff of two of them, median", median((0..RUNS).map(|_| differ())));

    let texts: Vec<String> = cases::all().into_iter().map(|case| case.text).collect();
    let (all, valid) = timed(|| texts.iter().filter(|it| judged(it)).count());
    println!("verify_config of the {} configurations of the corpus, {valid} of them valid", texts.len());
    row("all of them", all);
    rendering(root);
}

/// A stack with all that can be around it in the largest size, beside the writing of its objects as JSON.
fn rendering(root: &Path) {
    let file = root.join("tests/golden/distributed_everything/options.json");
    let mut options: Options =
        serde_json::from_str(&std::fs::read_to_string(file).expect("the golden case")).expect("its options");
    options.size = loki_provider::loki::sizes::SIZES.last().map(|size| size.name.to_owned());
    let objects = loki_provider::loki::render(&options);
    println!("a stack of size {} with {} objects", options.size.as_deref().unwrap_or_default(), objects.len());
    let of = |work: &dyn Fn()| median((0..RUNS).map(|_| timed(work).0));
    row("render, median", of(&|| drop(black_box(loki_provider::loki::render(&options)))));
    row("its rules, median", of(&|| drop(black_box(loki_provider::loki::verify(&options, None)))));
    let written = || objects.iter().map(|object| object.as_value().to_string().len()).sum::<usize>();
    row(
        "its objects as JSON, median",
        of(&|| {
            black_box(written());
        }),
    );
}

fn judged(text: &str) -> bool {
    let arguments = vec![Cty::String(text.to_owned()), Cty::String(VERSION.to_owned())];
    match black_box(VerifyConfig.call(arguments)) {
        Ok(Cty::Map(result)) => result["valid"] == Cty::Bool(true),
        other => panic!("an object: {other:?}"),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = work();
    (begun.elapsed(), result)
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort();
    times[times.len() / 2]
}

fn row(what: &str, time: Duration) {
    println!("{what:<46} {:9.3} ms", time.as_secs_f64() * 1e3);
}
