//! Loki versions, as far as rules and rendering depend on them.

use std::fmt;
use std::str::FromStr;

/// A released version of Loki 3, such as `3.7.8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 3, for all that this provider deploys.
    pub major: u32,
    /// What brings and removes configuration keys.
    pub minor: u32,
    /// Fixes.
    pub patch: u32,
}

/// Oldest version that this provider deploys.
pub const OLDEST: Version = Version::new(3, 0, 0);
/// Newest version whose source the rules were read from.
pub const NEWEST: Version = Version::new(3, 7, 8);

impl Version {
    /// A version by its numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Version { major, minor, patch }
    }

    /// Whether it is of a minor version that this provider deploys, 3.0 to 3.7.
    pub fn supported(self) -> bool {
        self.major == OLDEST.major && (OLDEST.minor..=NEWEST.minor).contains(&self.minor)
    }

    /// Whether the feature that came with `minor` of Loki 3 is there.
    pub fn since(self, minor: u32) -> bool {
        self >= Version::new(3, minor, 0)
    }
}

impl FromStr for Version {
    type Err = ();

    /// Exactly `major.minor.patch` in decimal, as Loki's releases are tagged (without the `v`).
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.').map(|part| {
            let plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let padded = part.len() > 1 && part.starts_with('0');
            if plain && !padded { part.parse().map_err(|_| ()) } else { Err(()) }
        });
        let mut next = || parts.next().unwrap_or(Err(()));
        let version = Version::new(next()?, next()?, next()?);
        if parts.next().is_some() { Err(()) } else { Ok(version) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_release_tags_only() {
        assert_eq!("3.7.8".parse(), Ok(Version::new(3, 7, 8)));
        for wrong in ["", "3", "3.7", "v3.7.8", "3.7.8-rc.1", "3.7.8.9", "3.07.8", "3.x.0", "-3.1.0"] {
            assert_eq!(wrong.parse::<Version>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn supports_3_0_to_3_7() {
        let supported = |text: &str| text.parse::<Version>().unwrap().supported();
        assert!(supported("3.0.0") && supported("3.7.99"));
        assert!(!supported("2.9.9") && !supported("3.8.0") && !supported("4.0.0"));
    }
}
