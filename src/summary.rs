//! The first line of each diagnostic, by which people look it up: the words that are the same each time it is said make
//! its id, and the id is an anchor of the page [`PAGE`], which is generated from the sources.

use std::fmt;
use std::ops::Deref;

/// Where each id is explained, in the public registry.
pub const PAGE: &str = "https://registry.terraform.io/providers/lokiops/loki/latest/docs/guides/errors";

/// What is wrong, in one line without a final full stop. Made by [`summary!`](crate::summary!) alone, so that the page of
/// all errors, which is read from where that stands, misses none.
#[derive(Clone, PartialEq, Eq)]
pub struct Summary {
    text: String,
    template: &'static str,
}

impl Summary {
    /// The text, and the format string that it was made from.
    #[doc(hidden)]
    pub fn new(template: &'static str, text: String) -> Self {
        #[cfg(test)]
        said::record(&format!("{PAGE}#{}", id(template)));
        Self { text, template }
    }

    /// What the page of errors has the diagnostic under.
    pub fn id(&self) -> String {
        id(self.template)
    }

    /// Where the diagnostic is explained.
    pub fn link(&self) -> String {
        format!("{PAGE}#{}", self.id())
    }
}

/// The words of a format string outside its placeholders, with hyphens in between: an anchor as the registry and GitHub
/// make it of a heading.
pub fn id(template: &str) -> String {
    let mut depth = 0_u32;
    let mut words = String::new();
    for letter in template.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            // It's, can't: one word.
            '\'' => {}
            _ if depth == 0 && letter.is_alphanumeric() => words.extend(letter.to_lowercase()),
            _ if depth == 0 => words.push(' '),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join("-")
}

impl Deref for Summary {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl PartialEq<&str> for Summary {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl From<Summary> for String {
    fn from(summary: Summary) -> Self {
        summary.text
    }
}

/// A [`Summary`](crate::summary::Summary), written as `format!` has it: one sentence that begins with a capital, says what
/// is wrong and ends without a full stop.
#[macro_export]
macro_rules! summary {
    ($template:literal $($arguments:tt)*) => {
        $crate::summary::Summary::new($template, format!($template $($arguments)*))
    };
}

#[cfg(test)]
#[path = "../tests/support/said.rs"]
mod said;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_stay_are_the_id() {
        let name = "acme";
        let said = summary!("The bucket {name:?} isn't \"yours\": {}", 1 + 1);
        assert_eq!(said, "The bucket \"acme\" isn't \"yours\": 2");
        assert_eq!(said.id(), "the-bucket-isnt-yours");
        assert_eq!(said.link(), format!("{PAGE}#the-bucket-isnt-yours"));
        assert_eq!(summary!("config_overrides is no YAML").id(), "config-overrides-is-no-yaml");
        assert_eq!(id("Loki {version} has no {{}} in {place}"), "loki-has-no-in");
    }
}
