//! Types that read themselves: their UnmarshalYAML takes a text, and judges it.

use super::super::value::{Entry, Value};
use super::super::yaml::{Document, Node};
use super::collection::{headers, map, text, texts};
use super::quote::{lower, quote};
use super::scalar::Plain;
use super::{Refusal, duration, ip, regex, scalar, size, time, url};

/// A type with an unmarshaler of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// `model.Duration` of prometheus/common.
    Duration,
    /// `flagext.ByteSize` of Loki.
    ByteSize,
    /// `flagext.Bytes` of dskit.
    Bytes,
    /// `flagext.Secret` of dskit.
    SecretStruct,
    /// `config.Secret` of prometheus/common.
    SecretString,
    /// `flagext.URLValue` of dskit.
    UrlValue,
    /// `config.URL` of prometheus/common.
    Url,
    /// `flagext.Time` of dskit.
    Time,
    /// `config.DayTime` of Loki, `flagext.DayValue` of dskit.
    Day,
    /// `flagext.StringSliceCSV` of dskit.
    Csv,
    /// `flagext.StringSliceCSVMulti` of dskit, which takes a list as well.
    CsvOrList,
    /// `flagext.CIDRSliceCSV` of dskit.
    Cidrs,
    /// `flagext.CSV[…mempool.Bucket]` of Loki.
    Buckets,
    /// `log.Level` of dskit.
    LogLevel,
    /// `config.TLSVersion` of prometheus/common.
    TlsVersion,
    /// `s3.BucketLookupType` of thanos-io/objstore.
    BucketLookup,
    /// `relabel.Action` of Prometheus.
    RelabelAction,
    /// `relabel.Regexp` of Prometheus.
    Regexp,
    /// `model.LabelName` of prometheus/common.
    LabelName,
    /// `config.Headers` of prometheus/common, which has no unmarshaler, but a map in place of its keys.
    Headers,
    /// Maps of texts behind a type: `labels.Labels`, `config.Tags`, `validation.OverwriteMarshalingStringMap`.
    Map,
}

impl Own {
    pub(super) fn of(kind: &str) -> Option<Self> {
        Some(match kind {
            "model.Duration" => Own::Duration,
            "flagext.ByteSize" => Own::ByteSize,
            "flagext.Bytes" => Own::Bytes,
            "flagext.Secret" => Own::SecretStruct,
            "config.Secret" => Own::SecretString,
            "flagext.URLValue" => Own::UrlValue,
            "config.URL" => Own::Url,
            "flagext.Time" => Own::Time,
            "config.DayTime" | "flagext.DayValue" => Own::Day,
            "flagext.StringSliceCSV" => Own::Csv,
            "flagext.StringSliceCSVMulti" => Own::CsvOrList,
            "flagext.CIDRSliceCSV" => Own::Cidrs,
            "log.Level" => Own::LogLevel,
            "config.TLSVersion" => Own::TlsVersion,
            "s3.BucketLookupType" => Own::BucketLookup,
            "relabel.Action" => Own::RelabelAction,
            "relabel.Regexp" => Own::Regexp,
            "model.LabelName" => Own::LabelName,
            "config.Headers" => Own::Headers,
            "labels.Labels" | "config.Tags" | "validation.OverwriteMarshalingStringMap" => Own::Map,
            bucket if bucket.starts_with("flagext.CSV[") && bucket.ends_with("/mempool.Bucket]") => Own::Buckets,
            _ => return None,
        })
    }

    /// Reads a node that is neither an alias nor null.
    pub(super) fn read(self, kind: &str, node: &Node, document: &Document, minor: u32) -> Result<Value, Refusal> {
        if skips_unmarshaler(node) {
            return self.read_unasked(kind, node, minor);
        }
        match self {
            Own::Map => return map(node, document),
            Own::Headers => return headers(node, document),
            // It decodes into a type of its own.
            Own::SecretString => return scalar::read(Plain::String, "config.plain", node),
            Own::CsvOrList if text(node).is_err() => return texts(node, document),
            _ => {}
        }
        self.read_text(text(node)?, node, minor).map_err(Refusal::Abort)
    }

    fn read_text(self, text: String, node: &Node, minor: u32) -> Result<Value, String> {
        let checked = match self {
            Own::Duration => return duration::prometheus(&text).map(Value::from),
            Own::ByteSize => return size::byte_size(&text).map(|size| Value::Int(size.into())),
            Own::Bytes => return size::base2_bytes(&text).map(|size| Value::Int(size.into())),
            Own::Csv | Own::CsvOrList => return Ok(csv(&text, node)),
            Own::Cidrs => return cidrs(&text, node),
            Own::Buckets => return buckets(&text, node),
            Own::RelabelAction => return relabel_action(&text),
            Own::SecretStruct | Own::SecretString | Own::Map | Own::Headers => Ok(()),
            Own::UrlValue if text.is_empty() => Ok(()),
            Own::UrlValue | Own::Url => url::check(&text, minor),
            Own::Time if text == "0" => return Ok(Value::Null),
            Own::Time => time::moment(&text),
            Own::Day => time::day(&text),
            Own::LogLevel => match text.as_str() {
                "debug" | "info" | "warn" | "error" => Ok(()),
                _ => Err(format!("unrecognized log level {}", quote(&text))),
            },
            Own::TlsVersion => match text.as_str() {
                "TLS13" | "TLS12" | "TLS11" | "TLS10" => Ok(()),
                _ => Err(format!("unknown TLS version: {text}")),
            },
            Own::BucketLookup => match text.as_str() {
                "auto" | "virtual-hosted" | "path" => Ok(()),
                _ => Err(format!("unsupported bucket lookup type: {text}")),
            },
            Own::Regexp => regex::relabel(&text, minor),
            Own::LabelName => label_name(&text, minor),
        };
        checked.map(|()| Value::Text(text))
    }

    /// A quoted `"null"` or `"~"` is a text, but yaml.v2 asks no unmarshaler for it (decode.go, prepare).
    fn read_unasked(self, kind: &str, node: &Node, minor: u32) -> Result<Value, Refusal> {
        match self {
            Own::SecretString | Own::RelabelAction | Own::LabelName => Ok(Value::Text(node.value.clone())),
            // It has an UnmarshalText, too, which is asked.
            Own::Duration => duration::prometheus(&node.value).map(Value::from).map_err(Refusal::Abort),
            // So has this, that of a pointer which is nil.
            Own::Regexp if minor >= 2 => {
                Err(Refusal::Abort("panic: runtime error: invalid memory address or nil pointer dereference".into()))
            }
            _ => Err(scalar::mismatch(node, kind)),
        }
    }
}

/// A quoted `"null"` or `"~"`.
pub(in super::super) fn skips_unmarshaler(node: &Node) -> bool {
    node.tag.is_empty() && !node.implicit && matches!(node.value.as_str(), "null" | "~")
}

fn list(items: impl Iterator<Item = String>, node: &Node) -> Value {
    Value::List(items.map(|item| Entry { value: Value::Text(item), mark: node.mark, key: node.mark }).collect())
}

fn csv(text: &str, node: &Node) -> Value {
    if text.is_empty() { Value::Null } else { list(text.split(',').map(String::from), node) }
}

fn cidrs(text: &str, node: &Node) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    for cidr in text.split(',') {
        ip::parse_cidr(cidr).map_err(|error| format!("cidr: {cidr}: {error}"))?;
    }
    Ok(csv(text, node))
}

/// pkg/util/mempool/bucket.go, Parse.
fn buckets(text: &str, node: &Node) -> Result<Value, String> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let entry = |value| Entry { value, mark: node.mark, key: node.mark };
    let read = |bucket: &str| {
        let wrong = || String::from("bucket must be in format {count}x{bytes}");
        let (count, bytes) = bucket.split_once('x').filter(|(_, bytes)| !bytes.contains('x')).ok_or_else(wrong)?;
        let size = Value::from(super::integer::atoi(count)?);
        // Loki panics here.
        let capacity = size::data_size(bytes).map_err(|error| format!("panic: {error}"))?;
        let members = [("size", size), ("capacity", Value::Int(capacity.into()))];
        Ok(entry(Value::Map(members.into_iter().map(|(key, value)| (key.to_owned(), entry(value))).collect())))
    };
    text.split(',').map(read).collect::<Result<_, _>>().map(Value::List)
}

/// model/relabel/relabel.go, Action.UnmarshalYAML.
fn relabel_action(text: &str) -> Result<Value, String> {
    const ACTIONS: [&str; 11] = [
        "replace",
        "keep",
        "drop",
        "keepequal",
        "dropequal",
        "hashmod",
        "labelmap",
        "labeldrop",
        "labelkeep",
        "lowercase",
        "uppercase",
    ];
    let action = lower(text);
    if ACTIONS.contains(&action.as_str()) {
        return Ok(Value::Text(action));
    }
    Err(format!("unknown relabel action {}", quote(text)))
}

/// model/labels.go of prometheus/common, LabelName.IsValid.
pub(super) fn is_label_name(text: &str, minor: u32) -> bool {
    // NameValidationScheme: every text is a name to prometheus/common 0.62 and later.
    if minor >= 5 { !text.is_empty() } else { is_legacy_label_name(text) }
}

fn label_name(text: &str, minor: u32) -> Result<(), String> {
    if is_label_name(text, minor) { Ok(()) } else { Err(format!("{} is not a valid label name", quote(text))) }
}

/// `[a-zA-Z_][a-zA-Z0-9_]*`.
pub(super) fn is_legacy_label_name(text: &str) -> bool {
    !text.starts_with(|char: char| char.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
