//! Regular expressions as Go's regexp/syntax judges them, without matching anything: what it refuses, in its words.
//!
//! Ported from Go's regexp/syntax (parse.go; BSD licence), which github.com/grafana/regexp uses and copies. Rust's regex-syntax will not do: it knows flags, classes and escapes that Go refuses (`(?x)`, `\d&&\w`,
//! `[[a]]`, `\u1234`, `\<`), refuses some that Go takes (`{`, `[[]`, `\Q…\E`), and its messages are others.

mod class;
mod limits;
mod parser;
mod unicode;

/// Which version of the package judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flavour {
    /// `(?<name>…)`, since Go 1.22.
    angle_names: bool,
    /// Whether an expression can be too large, besides too deep.
    sized: bool,
    /// Names of Unicode classes in any case and spelling, since Go 1.25.
    loose_names: bool,
}

impl Flavour {
    /// Of the version of Go that builds Loki 3.`minor`.
    fn compiler(minor: u32) -> Self {
        Flavour { angle_names: minor >= 1, sized: true, loose_names: minor >= 7 }
    }

    /// Of the copy in github.com/grafana/regexp.
    fn copy(minor: u32) -> Self {
        Flavour { angle_names: minor >= 2, sized: minor >= 2, loose_names: false }
    }
}

/// What `relabel.Regexp` of Prometheus says against the text, if anything. It anchors what it compiles, which shows in
/// some of its errors.
pub fn relabel(text: &str, minor: u32) -> Result<(), String> {
    // model/relabel/relabel.go, NewRegexp; until 3.4 without (?s).
    let anchored = if minor >= 5 { format!("^(?s:{text})$") } else { format!("^(?:{text})$") };
    parser::check(&anchored, Flavour::compiler(minor)).map(drop)
}

/// What regexp.Compile says against the text, if anything.
pub fn plain(text: &str, minor: u32) -> Result<(), String> {
    parser::check(text, Flavour::compiler(minor)).map(drop)
}

/// Whether a matcher of labels matches an empty text, or what it says against the expression (model/labels/regexp.go
/// of Prometheus, NewFastRegexMatcher, which since Loki 3.2 anchors only after parsing).
pub fn matches_empty(text: &str, minor: u32) -> Result<bool, String> {
    let measure = match minor {
        0..=1 => parser::check(&format!("^(?:{text})$"), Flavour::compiler(minor)),
        _ => parser::check(text, Flavour::copy(minor)),
    }?;
    Ok(measure.matches_empty())
}

fn error(what: &str, expression: &str) -> String {
    format!("error parsing regexp: {what}: `{expression}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_go_takes() {
        for good in [
            "",
            "a|b",
            "(?i)x",
            "(?P<n>a)",
            "(?<n>a)",
            "[[:alpha:]-]",
            "[]a]",
            "a{,3}",
            "a{1000}",
            "\\pL\\p{^Greek}",
            "{",
            "\\Qa(\\E",
            "\\x{10FFFF}",
            "(?s-i:a)",
            "x*?",
        ] {
            assert_eq!(plain(good, 7), Ok(()), "{good}");
        }
    }

    #[test]
    fn refuses_in_gos_words() {
        for (bad, why) in [
            ("(", "missing closing ): `(`"),
            ("a)", "unexpected ): `a)`"),
            ("[a", "missing closing ]: `[a`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("a**", "invalid nested repetition operator: `**`"),
            ("a{1001}", "invalid repeat count: `{1001}`"),
            ("(a{100}){11}", "invalid repeat count: `{11}`"),
            ("[z-a]", "invalid character class range: `z-a`"),
            ("\\pX", "invalid character class range: `\\pX`"),
            ("(?x)", "invalid or unsupported Perl syntax: `(?x`"),
            ("(?P<n", "invalid named capture: `(?P<n`"),
            ("\\", "trailing backslash at end of expression: ``"),
            ("\\8", "invalid escape sequence: `\\8`"),
        ] {
            assert_eq!(plain(bad, 7), Err(format!("error parsing regexp: {why}")), "{bad}");
        }
        assert_eq!(relabel("(", 7), Err("error parsing regexp: missing closing ): `^(?s:()$`".into()));
    }

    #[test]
    fn measures() {
        let deep = "(".repeat(2000) + &")".repeat(2000);
        assert_eq!(plain(&deep, 7), Err(error("expression nests too deeply", &deep)));
        let large = "(?:".to_owned() + &"[a-z]".repeat(4000) + "){1000}";
        assert_eq!(plain(&large, 7), Err(error("expression too large", &large)));
        for (text, empty) in
            [("", true), ("a|", true), ("a+", false), ("^$", true), ("\\b", false), ("(a*b?){2}", true)]
        {
            assert_eq!(matches_empty(text, 7), Ok(empty), "{text}");
        }
    }
}
