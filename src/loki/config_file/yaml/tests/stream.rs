//! Texts that the real ones have judged, from standard input: `make fuzz-yaml`.

use std::io::{BufReader, Read};

use super::super::super::expand::tests::shown;
use super::read;

#[test]
#[ignore = "`make fuzz-yaml` feeds it"]
fn spoilt_texts_are_what_the_real_ones_say() {
    // The dump goes as deep as the text does.
    std::thread::Builder::new().stack_size(1 << 30).spawn(compare).unwrap().join().unwrap();
}

fn compare() {
    let mut input = BufReader::new(std::io::stdin().lock());
    let (mut texts, mut errors, mut wrong) = (0, 0, 0);
    let mut kind = [0];
    while input.read_exact(&mut kind).is_ok() {
        let text = field(&mut input);
        let is = field(&mut input);
        let found = if kind == *b"x" { shown(&text) } else { read(&text) };
        texts += 1;
        errors += usize::from(is.starts_with("error"));
        if found != is {
            wrong += 1;
            if wrong <= 20 {
                println!("{text:?}\n  is   {is:?}\n  here {found:?}");
            }
        }
    }
    println!("{texts} texts, {errors} of them refused, {wrong} read in another way");
    assert!(texts > 0 && wrong == 0);
}

/// A length and so many bytes.
fn field(input: &mut impl Read) -> String {
    let mut length = [0; 4];
    input.read_exact(&mut length).unwrap();
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    input.read_exact(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
