//! Files stay of a size that one reads at once.

use super::source::{short, sources};

const LONGEST: usize = 450;
const MEDIAN: usize = 200;
const MAIN: usize = 40;

fn sizes() -> Vec<(usize, String)> {
    let lines = |path: &std::path::Path| std::fs::read_to_string(path).unwrap().lines().count();
    let mut sizes: Vec<_> = sources().iter().map(|path| (lines(path), short(path))).collect();
    sizes.sort();
    sizes
}

#[test]
fn no_file_is_too_long() {
    let sizes = sizes();
    let long: Vec<_> = sizes.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
    let (median, of) = &sizes[sizes.len() / 2];
    assert!(*median <= MEDIAN, "the median is {median} lines ({of})");
}

#[test]
fn main_only_builds_and_starts() {
    let (lines, _) = sizes().into_iter().find(|(_, path)| path == "src/main.rs").unwrap();
    assert!(lines <= MAIN, "src/main.rs has {lines} lines, of at most {MAIN}: what does it do beyond starting?");
}
