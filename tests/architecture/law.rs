//! The table in `src/lib.rs`, read as law.

use super::source::doc_table;

/// A row: one room, or several with the same law.
#[derive(Debug, PartialEq)]
pub struct Row {
    pub rooms: Vec<String>,
    /// The rooms that it may use, besides its own.
    pub uses: Vec<String>,
    /// What it never does, as [`never`] knows it.
    pub never: Vec<String>,
}

/// The rows of the table `| room | what it is | may use | never |` in the module documentation of `source`.
pub fn table(source: &str) -> Vec<Row> {
    let row = |cells: Vec<String>| {
        let [rooms, _, uses, never] = &cells[..] else { panic!("four cells: {cells:?}") };
        Row { rooms: list(rooms), uses: list(uses), never: list(never) }
    };
    doc_table(source, "| room | what it is | may use | never |").into_iter().map(row).collect()
}

/// The elements of a cell, without the marks of code.
fn list(cell: &str) -> Vec<String> {
    cell.split(',').map(|it| it.trim().trim_matches('`').to_owned()).filter(|it| !it.is_empty()).collect()
}

/// The paths that each ban of the table forbids. A word that is not here cannot be held, so it is refused.
pub fn never(ban: &str) -> &'static [&'static str] {
    match ban {
        "IO" => &[
            "std::fs",
            "std::io",
            "std::env",
            "std::process",
            "std::thread",
            "std::os",
            "tokio::",
            "tempfile::",
            "tonic::",
            "hyper::",
            "http::",
            "rustls::",
            "nix::",
            "aws_config::",
            "aws_sdk_s3::",
            "aws_sdk_iam::",
            "aws_sdk_sts::",
            "aws_sdk_eks::",
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "std::net::ToSocketAddrs",
        ],
        "clocks" => &[
            "std::time::SystemTime",
            "std::time::Instant",
            "SystemTime",
            "Instant",
            "Timestamp::now",
            "Zoned::now",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
        ],
        "randomness" => &["rand::", "getrandom::", "uuid::", "std::hash::RandomState", "std::collections::hash_map"],
        "environment variables" => &["std::env", "env::var", "env::var_os", "env::vars"],
        "sockets" => &[
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "std::os::unix::net",
            "tokio::net::",
            "hyper::",
            "hyper_util::",
            "tonic::",
            "rustls::",
            "aws_config::",
            "aws_sdk_s3::",
            "aws_sdk_iam::",
            "aws_sdk_sts::",
            "aws_sdk_eks::",
        ],
        // Held by the literals of the room, not by paths.
        RESOURCE_NAMES => &[],
        other => panic!("the table of rooms forbids {other:?}, which this test does not know how to find"),
    }
}

/// The ban on naming a registered resource type.
pub const RESOURCE_NAMES: &str = "a resource's name";

/// Whether the path begins with a forbidden one, segment by segment. One that ends with `::` stands for what is inside:
/// a crate's name alone may be a variable's as well.
pub fn forbidden<'a>(path: &[String], bans: &'a [&'a str]) -> Option<&'a str> {
    bans.iter().copied().find(|ban| {
        let ban: Vec<_> = ban.split("::").collect();
        path.len() >= ban.len() && path.iter().zip(&ban).all(|(a, b)| a == b || b.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn the_table_is_read_from_the_documentation() {
        let source = "//! Text.\n//!\n//! | room | what it is | may use | never |\n//! |---|---|---|---|\n\
                      //! | `a`, `b` | things | `c` | IO, clocks |\n//! | `c` | more | | |\n//!\n//! | no | row | | |\n";
        let rows = table(source);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0], Row { rooms: owned(&["a", "b"]), uses: owned(&["c"]), never: owned(&["IO", "clocks"]) });
        assert_eq!(rows[1], Row { rooms: owned(&["c"]), uses: vec![], never: vec![] });
    }

    #[test]
    fn bans_go_by_whole_segments() {
        let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(forbidden(&path("std::env::var"), never("environment variables")), Some("std::env"));
        assert_eq!(forbidden(&path("std::environment"), never("environment variables")), None);
        assert_eq!(forbidden(&path("std::net::Ipv4Addr"), never("IO")), None);
        assert_eq!(forbidden(&path("Timestamp::now"), never("clocks")), Some("Timestamp::now"));
        assert_eq!(forbidden(&path("http::Request"), never("IO")), Some("http::"));
        assert_eq!(forbidden(&path("http"), never("IO")), None);
    }

    #[test]
    #[should_panic(expected = "does not know")]
    fn a_ban_that_cannot_be_held_is_refused() {
        never("bad manners");
    }
}
