//! Values as they may come over the wire, the impossible ones included: made after a type, then spoilt.

use fastrand::Rng;
use loki_provider::schema::{Cty, Type};

/// A value of MessagePack or JSON, whether it makes sense or not.
#[derive(Clone, Debug)]
pub enum Tree {
    Nil,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Tree>),
    /// Keys may repeat, and need not be strings.
    Map(Vec<(Tree, Tree)>),
    Extension(i8, Vec<u8>),
    /// That many lists around nothing.
    Deep(usize),
    /// The header of something far larger than what follows.
    Boast(u8, u32),
}

/// Texts that mean something to the resources, by the attribute that they are for.
fn plausible(rng: &mut Rng, attribute: &str) -> Option<&'static str> {
    let of: &[&str] = match attribute {
        "name" | "bucket" | "service_account" | "namespace" | "cluster" | "eks_cluster" => &["loki", "acme-loki", "a"],
        "region" => &["eu-west-1", "us-gov-west-1"],
        "mode" => &["monolithic", "distributed", "simple_scalable"],
        "size" => &["demo", "small", "10Gi", "medium"],
        "loki_version" => &["3.7.8", "3.0.0", "2.9.1", "4.0.0", "v3"],
        "version" => &["v13", "v12", "v11"],
        "from" => &["2024-04-01", "2020-01-01", "2999-01-01", "2024-02-30"],
        "retention" | "create" | "update" | "delete" | "read" | "duration" => {
            &["90d", "10m", "1h30m", "-1h", "1d2h", "0s"]
        }
        "store" => &["tsdb", "boltdb-shipper"],
        "object_store" => &["s3", "filesystem"],
        "role_arn" | "arn" | "permissions_boundary" => &["arn:aws:iam::123456789012:role/loki", "arn:aws"],
        "host" | "endpoint" | "push_url" | "url" => &["https://loki.example", "http://[::1", "loki:3100"],
        "cpu" => &["500m", "2", "-1", "1e9999"],
        "memory" | "storage" => &["1Gi", "512Mi", "1Ki", "99999999999Ei"],
        "operator" => &["Exists", "Equal"],
        "effect" => &["NoSchedule", "NoExecute"],
        "trust_policy" | "policy" => &["{}", r#"{"Version":"2012-10-17","Statement":[]}"#, "{", "[]"],
        _ => return None,
    };
    rng.choice(of).copied()
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "loki",
    "true",
    "0",
    "1",
    "-1",
    "1.5",
    "1e400",
    "null",
    "{}",
    "[]",
    "{\"a\":{\"b\":[1,{}]}}",
    "a: b\n- c",
    "10Gi",
    "90d",
    "99999999999999999999h",
    "2024-04-01",
    "arn:aws:s3:::a",
    "https://a:b@c/%zz?d#e",
    "\u{0}",
    "\n",
    "é",
    "e\u{301}",
    "\u{202e}",
    "💥",
    "../../etc/passwd",
    "${X:default}",
    "{{ .x }}",
    "%s%n",
    "a/b",
    "a/b/c",
    "a,b,c",
    "STS/v1",
    "::",
    "*",
    "nan",
    "inf",
    "+1",
    "0x10",
    "1_000",
    "𝟙",
    " ",
    "-",
    "a.b.c",
    "A",
    "kube-system",
    "123456789012",
];

pub fn text(rng: &mut Rng, attribute: &str) -> String {
    match (rng.u8(..), plausible(rng, attribute)) {
        (..180, Some(text)) => text.to_owned(),
        (..245, _) => rng.choice(TEXTS).copied().unwrap_or_default().to_owned(),
        (..253, _) => (0..rng.usize(..24)).map(|_| rng.char(..)).collect(),
        _ => "x".repeat(rng.usize(..70_000)),
    }
}

fn number(rng: &mut Rng) -> Tree {
    const NUMBERS: &[&str] = &[
        "1e30",
        "-0.1",
        "123456789012345678901234567890",
        "1e999999999",
        "1e-400",
        "0.1",
        "x",
        "1e",
        "9223372036854775808",
    ];
    match rng.u8(..10) {
        0..6 => Tree::Int(*rng.choice(&[0, 1, 2, 3, 7, -1, 100, 65_536, i64::MAX, i64::MIN]).unwrap_or(&0)),
        6 => Tree::Unsigned(u64::MAX - rng.u64(..2)),
        7 => Tree::Float(*rng.choice(&[1.5, f64::NAN, f64::INFINITY, 1e300, -0.0]).unwrap_or(&0.0)),
        8 => Tree::Text(rng.choice(NUMBERS).copied().unwrap_or_default().to_owned()),
        _ => Tree::Int(rng.i64(..)),
    }
}

/// An unknown, refined now and then, by sense or nonsense.
fn unknown(rng: &mut Rng) -> Tree {
    if rng.u8(..) < 170 {
        return Tree::Extension(0, vec![0]);
    }
    let mut known = Vec::new();
    for _ in 0..rng.usize(..4) {
        let value = match rng.u8(..5) {
            0 => Tree::Bool(rng.bool()),
            1 => Tree::Text(text(rng, "")),
            2 => Tree::List(vec![number(rng), Tree::Bool(rng.bool())]),
            3 => number(rng),
            _ => wild(rng),
        };
        known.push((Tree::Int(rng.i64(0..8)), value));
    }
    let mut body = Vec::new();
    Tree::Map(known).msgpack(&mut body);
    if rng.u8(..) < 20 {
        body.truncate(rng.usize(..=body.len()));
    }
    Tree::Extension(if rng.u8(..) < 230 { 12 } else { rng.i8(..) }, body)
}

/// What fits nowhere.
fn wild(rng: &mut Rng) -> Tree {
    match rng.u8(..16) {
        0 => Tree::Nil,
        1 => Tree::Bool(rng.bool()),
        2..4 => number(rng),
        4 => Tree::Text(text(rng, "")),
        5 => Tree::Bytes((0..rng.usize(..32)).map(|_| rng.u8(..)).collect()),
        6..8 => Tree::List((0..rng.usize(..4)).map(|_| wild(rng)).collect()),
        8..10 => Tree::Map((0..rng.usize(..4)).map(|_| (wild(rng), wild(rng))).collect()),
        10..13 => unknown(rng),
        13 => Tree::Extension(rng.i8(..), (0..rng.usize(..20)).map(|_| rng.u8(..)).collect()),
        14 => Tree::Deep(*rng.choice(&[2, 50, 200, 1_000, 20_000]).unwrap_or(&2)),
        _ => Tree::Boast(*rng.choice(&[0xc6, 0xc9, 0xdb, 0xdd, 0xdf]).unwrap_or(&0xdd), rng.u32(..)),
    }
}

/// A value of the type. `spoil` of 1000 parts are replaced by something else.
pub fn value(rng: &mut Rng, kind: &Type, name: &str, spoil: u16) -> Tree {
    if rng.u16(..1000) < spoil {
        return wild(rng);
    }
    match rng.u8(..20) {
        0..2 => return Tree::Nil,
        2 => return unknown(rng),
        _ => {}
    }
    match kind {
        Type::Bool => Tree::Bool(rng.bool()),
        Type::Number => number(rng),
        Type::String => Tree::Text(text(rng, name)),
        Type::List(of) | Type::Set(of) => {
            Tree::List((0..rng.usize(..4)).map(|_| value(rng, of, name, spoil)).collect())
        }
        Type::Map(of) => {
            Tree::Map((0..rng.usize(..4)).map(|_| (Tree::Text(text(rng, "")), value(rng, of, name, spoil))).collect())
        }
        Type::Tuple(of) => Tree::List(of.iter().map(|of| value(rng, of, name, spoil)).collect()),
        Type::Object(_) | Type::Nested(_) => Tree::Map(members(rng, kind, spoil)),
        Type::Dynamic => {
            const TYPES: &[&str] = &[
                "\"string\"",
                "[\"list\",\"number\"]",
                "[\"object\",{\"a\":\"bool\"}]",
                "{",
                "\"nothing\"",
                "\"dynamic\"",
            ];
            let json = rng.choice(TYPES).copied().unwrap_or_default();
            let known = serde_json::from_str(json).ok().and_then(|json| Type::from_json(&json)).unwrap_or(Type::String);
            Tree::List(vec![Tree::Bytes(json.as_bytes().to_vec()), value(rng, &known, name, spoil)])
        }
    }
}

fn members(rng: &mut Rng, kind: &Type, spoil: u16) -> Vec<(Tree, Tree)> {
    let mut members = Vec::new();
    for (name, kind) in kind.fields() {
        if rng.u16(..1000) < spoil {
            continue;
        }
        // Most of the many optional attributes are left out, as people do.
        let value = if rng.u8(..) < 110 { Tree::Nil } else { value(rng, kind, name, spoil) };
        members.push((Tree::Text(name.clone().into_owned()), value));
        if rng.u16(..1000) < spoil / 4 {
            members.extend_from_within(members.len() - 1..);
        }
    }
    if rng.u16(..1000) < spoil {
        members.push((Tree::Text(text(rng, "")), wild(rng)));
    }
    members
}

impl Tree {
    /// The value as Terraform stores it.
    pub fn of(value: &Cty) -> Self {
        match value {
            Cty::Null => Self::Nil,
            Cty::Unknown(_) => Self::Extension(0, vec![0]),
            Cty::Bool(value) => Self::Bool(*value),
            Cty::Number(number) => number.as_i64().map_or(Self::Text(number.to_string()), Self::Int),
            Cty::String(text) => Self::Text(text.clone()),
            Cty::List(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Cty::Map(members) => Self::Map(
                members.iter().map(|(key, value)| (Self::Text(key.clone().into_owned()), Self::of(value))).collect(),
            ),
            Cty::Dynamic(dynamic) => Self::Map(vec![
                (Self::Text("value".to_owned()), Self::of(&dynamic.value)),
                (Self::Text("type".to_owned()), Self::Text(dynamic.kind.to_json().to_string())),
            ]),
        }
    }

    pub fn msgpack(&self, out: &mut Vec<u8>) {
        use rmp::encode as to;
        let length = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        match self {
            Self::Nil => out.push(0xc0),
            Self::Bool(value) => out.push(0xc2 + u8::from(*value)),
            Self::Int(value) => drop(to::write_sint(out, *value)),
            Self::Unsigned(value) => drop(to::write_uint(out, *value)),
            Self::Float(value) => drop(to::write_f64(out, *value)),
            Self::Text(text) => drop(to::write_str(out, text)),
            Self::Bytes(bytes) => drop(to::write_bin(out, bytes)),
            Self::List(elements) => {
                drop(to::write_array_len(out, length(elements.len())));
                elements.iter().for_each(|it| it.msgpack(out));
            }
            Self::Map(members) => {
                drop(to::write_map_len(out, length(members.len())));
                for (key, value) in members {
                    key.msgpack(out);
                    value.msgpack(out);
                }
            }
            Self::Extension(kind, body) => {
                drop(to::write_ext_meta(out, length(body.len()), *kind));
                out.extend(body);
            }
            Self::Deep(times) => {
                out.extend(std::iter::repeat_n(0x91, *times));
                out.push(0xc0);
            }
            Self::Boast(marker, length) => {
                out.push(*marker);
                out.extend(length.to_be_bytes());
            }
        }
    }

    pub fn json(&self, out: &mut String) {
        use std::fmt::Write as _;
        match self {
            Self::Nil | Self::Extension(..) | Self::Boast(..) => out.push_str("null"),
            Self::Bool(value) => drop(write!(out, "{value}")),
            Self::Int(value) => drop(write!(out, "{value}")),
            Self::Unsigned(value) => drop(write!(out, "{value}")),
            // NaN and the infinite are no JSON, which is to be met with as well.
            Self::Float(value) => drop(write!(out, "{value}")),
            Self::Text(text) => out.push_str(&serde_json::Value::from(text.as_str()).to_string()),
            Self::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
            Self::List(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    element.json(out);
                }
                out.push(']');
            }
            Self::Map(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index > 0 { "," } else { "" });
                    key.json(out);
                    out.push(':');
                    value.json(out);
                }
                out.push('}');
            }
            Self::Deep(times) => {
                out.extend(std::iter::repeat_n('[', *times));
                out.extend(std::iter::repeat_n(']', *times));
            }
        }
    }
}

impl Tree {
    /// Reads what [`Tree::msgpack`] wrote; none for anything else.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        Self::read(&mut rest, 64).filter(|_| rest.is_empty())
    }

    fn read(rest: &mut &[u8], depth: usize) -> Option<Self> {
        use rmp::{Marker, decode as from};
        let depth = depth.checked_sub(1)?;
        let take = |rest: &mut &[u8], length: u32| -> Option<Vec<u8>> {
            let (head, tail) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            *rest = tail;
            Some(head.to_vec())
        };
        Some(match Marker::from_u8(*rest.first()?) {
            Marker::Null => {
                *rest = &rest[1..];
                Self::Nil
            }
            Marker::True | Marker::False => Self::Bool(from::read_bool(rest).ok()?),
            Marker::F64 => Self::Float(from::read_f64(rest).ok()?),
            Marker::U64 => Self::Unsigned(from::read_u64(rest).ok()?),
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let length = from::read_str_len(rest).ok()?;
                Self::Text(String::from_utf8(take(rest, length)?).ok()?)
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let length = from::read_bin_len(rest).ok()?;
                Self::Bytes(take(rest, length)?)
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                let length = from::read_array_len(rest).ok()?;
                Self::List((0..length).map(|_| Self::read(rest, depth)).collect::<Option<_>>()?)
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let length = from::read_map_len(rest).ok()?;
                let members = (0..length).map(|_| Some((Self::read(rest, depth)?, Self::read(rest, depth)?)));
                Self::Map(members.collect::<Option<_>>()?)
            }
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => {
                let meta = from::read_ext_meta(rest).ok()?;
                Self::Extension(meta.typeid, take(rest, meta.size)?)
            }
            _ => Self::Int(from::read_int(rest).ok()?),
        })
    }

    /// The same with one part less, each in turn.
    pub fn smaller(&self) -> Vec<Self> {
        let mut all = if matches!(self, Self::Nil) { Vec::new() } else { vec![Self::Nil] };
        match self {
            Self::List(elements) => {
                for index in 0..elements.len() {
                    let mut fewer = elements.clone();
                    fewer.remove(index);
                    all.push(Self::List(fewer));
                    for inner in elements[index].smaller() {
                        let mut other = elements.clone();
                        other[index] = inner;
                        all.push(Self::List(other));
                    }
                }
            }
            Self::Map(members) => {
                for index in 0..members.len() {
                    let mut fewer = members.clone();
                    fewer.remove(index);
                    all.push(Self::Map(fewer));
                    for inner in members[index].1.smaller() {
                        let mut other = members.clone();
                        other[index].1 = inner;
                        all.push(Self::Map(other));
                    }
                }
            }
            Self::Text(text) if text.len() > 1 => {
                let half = text.chars().take(text.chars().count() / 2).collect();
                all.push(Self::Text(half));
            }
            _ => {}
        }
        all
    }
}
