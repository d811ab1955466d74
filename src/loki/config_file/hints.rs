//! What to do about a text that Loki's reader refuses. The reader's texts are the same for every key, so are these.

/// What to do about a refusal, by its words.
pub(super) fn of(text: &str) -> Option<&'static str> {
    syntax(text).or_else(|| kind(text)).or_else(|| grammar(text))
}

/// What is no YAML, in the words of libyaml.
fn syntax(text: &str) -> Option<&'static str> {
    if !text.starts_with("yaml: ") {
        return None;
    }
    let has = |part: &str| text.contains(part);
    Some(if has("cannot start any token") || has("tab character") {
        "YAML does not indent with tabs, and a value must not begin with %, @ or a backtick: use spaces, and quote such a value."
    } else if has("mapping values are not allowed") {
        "Quote a value that holds a colon and a space, and indent the keys of one block alike."
    } else if has("did not find expected") || has("block sequence entries are not allowed") {
        "The line, or the one before it, is indented unlike its neighbours, or a bracket, brace or quote is not closed."
    } else if has("could not find expected ':'") {
        "Write a colon and a space behind the key; indent the lines of a long value."
    } else if has("unknown escape character") || has("hexdecimal") || has("escape") {
        "A backslash within double quotes begins an escape: double it, or use single quotes."
    } else if has("unexpected end of stream") {
        "A quote, bracket or brace is not closed."
    } else if has("unknown anchor") {
        "Define the anchor (&name) before the alias (*name), or quote a value that begins with an asterisk."
    } else if has("value contains itself") {
        "An anchor must not hold its own alias."
    } else if has("max depth") || has("excessive aliasing") {
        "Write it less deeply nested, and without anchors that multiply."
    } else if has("control characters") || has("UTF-8") || has("UTF-16") || has("Unicode") {
        "Save the file as UTF-8 text without control characters."
    } else if has("cannot decode") {
        "Take the !!tag away, or write a value of its type."
    } else if has("map merge requires") {
        "Behind <<: stands an alias of a block of keys, or a list of such."
    } else {
        return None;
    })
}

/// A value of another kind than its key's.
fn kind(text: &str) -> Option<&'static str> {
    let (found, wanted) = text.split_once("cannot unmarshal ")?.1.rsplit_once(" into ")?;
    let block = found.starts_with("!!map") || found.starts_with("!!seq");
    Some(match wanted {
        "time.Duration" => {
            "Write a duration with Go's units ns, us, ms, s, m and h, such as 30s or 1h30m; a day is 24h."
        }
        "string" | "flagext.Secret" | "model.Duration" if found.starts_with("!!map") => {
            "Write a text here; quote one that begins with a brace, such as '{{ … }}'."
        }
        "string" | "flagext.Secret" | "model.Duration" => {
            "Write one text here, not a list; quote one that begins with a bracket."
        }
        "bool" => "Write true or false, without quotes.",
        "float32" | "float64" => "Write a number, without a unit and without quotes.",
        _ if wanted.starts_with("uint") => "Write a whole number from 0, without a unit and without quotes.",
        _ if wanted.starts_with("int") => "Write a whole number, without a unit and without quotes.",
        _ if wanted.starts_with("[]") => "Write a list: one line with a dash for each item, or [a, b].",
        _ if wanted.starts_with("map[") => "Write a block of keys and values here, or {}.",
        _ if !block => "Write a block of keys here, or {} for the defaults.",
        _ if found.starts_with("!!seq") => "Write a block of keys here, not a list.",
        _ => return None,
    })
}

/// A text that its key's own type does not read.
fn grammar(text: &str) -> Option<&'static str> {
    let has = |part: &str| text.contains(part);
    Some(if has("duration string") || has("unknown unit") && has("in duration") {
        if has("empty") {
            "Write 0s for none."
        } else if quoted(text).is_some_and(|value| value.parse::<f64>().is_ok()) {
            "Add a unit: this key reads 60s, 24h, 30d or 1y, and no bare numbers but 0."
        } else {
            "Write whole numbers with the units y, w, d, h, m, s and ms, the largest first, such as 30d or 1h30m."
        }
    } else if has("\"2006-01-02\"") || text.starts_with("parsing time") {
        "Write an existing day as year, month and day, such as 2024-04-01."
    } else if text.starts_with("parse ") {
        "Write a URL; what is special within it, as in a password, is percent-encoded: / as %2F."
    } else if has("strconv.UnmarshalText") || text.starts_with("units: ") {
        "Write a size such as 4MB or 512KB."
    } else if has("invalid schema version") {
        "Use v13 for a new period; keep what past periods had."
    } else if has("invalid CIDR address") || has("ParseAddr") {
        "Write a network such as 10.0.0.0/8."
    } else if has("error parsing regexp") {
        "Loki reads RE2 expressions: without look-around and back-references. Escape a literal special character with a backslash."
    } else if has("unrecognized log level") {
        "Use debug, info, warn or error."
    } else if has("unknown TLS version") {
        "Use TLS10, TLS11, TLS12 or TLS13."
    } else if has("unsupported bucket lookup type") {
        "Use auto, virtual-hosted or path."
    } else if has("bucket must be in format") {
        "Write buckets as a number, an x and a size, such as 128x64KB, separated by commas."
    } else if has("unknown relabel action") {
        "Use replace, keep, drop, hashmod, labelmap, labeldrop, labelkeep, lowercase, uppercase, keepequal or dropequal."
    } else if has("is not a valid label name") {
        "Use letters, digits and underscores, and no digit at the beginning."
    } else if has("already set in map") {
        "Keep one of the two; YAML keys are unique."
    } else {
        return structure(text);
    })
}

/// What an unmarshaler says of its struct.
fn structure(text: &str) -> Option<&'static str> {
    let has = |part: &str| text.contains(part);
    Some(if has("url for remote_write is empty") {
        "Give the client of remote_write its url."
    } else if has("attributes or regex must be set") || has("only one of attributes or regex") {
        "Name the attributes of OTLP by a list (attributes), or by one pattern (regex)."
    } else if has("unsupported action, it must be one of") {
        "Write index_label, structured_metadata or drop; leave action out for structured_metadata."
    } else if has("relabeling rule") || has("relabel configuration for") || has(" action requires") {
        "See relabel_config in Prometheus' configuration reference: each action wants keys of its own."
    } else if has("must be configured") {
        "Keep one of them: each says the same thing in another way."
    } else if has("reserved header") {
        "Take the header away: the client sets it."
    } else {
        return None;
    })
}

/// What stands between the last pair of double quotes.
fn quoted(text: &str) -> Option<&str> {
    let (before, _) = text.rsplit_once('"')?;
    before.rsplit_once('"').map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use crate::loki::config_file::verify;

    #[test]
    fn what_cannot_be_read_gets_a_hint() {
        for (text, part) in [
            ("auth_enabled: [", "not closed"),
            ("a: b\n\tc: d\n", "tabs"),
            ("auth_enabled: a: b\n", "colon"),
            ("auth_enabled: *x\n", "anchor"),
            ("auth_enabled: yes please\n", "true or false"),
            ("server: {http_listen_port: http}\n", "whole number"),
            ("server: {http_server_read_timeout: 1d}\n", "24h"),
            ("server: []\n", "not a list"),
            ("server: yes please\n", "{} for the defaults"),
            ("schema_config: {configs: {}}\n", "a dash for each item"),
            ("schema_config: {configs: [{from: 2024-4-1}]}\n", "2024-04-01"),
            ("limits_config: {retention_period: -1h}\n", "units"),
            ("limits_config: {retention_period: 3600}\n", "Add a unit"),
            ("limits_config: {ingestion_rate_mb: 4MB}\n", "without a unit"),
            ("limits_config: {max_line_size: much}\n", "4MB"),
            ("ruler: {remote_write: {client: {}}}\n", "its url"),
            ("limits_config: {otlp_config: {log_attributes: [{action: drop}]}}\n", "a list"),
            ("memberlist: {join_members: [{a: b}]}\n", "Write"),
            ("common: {path_prefix: {{ .Values.path }}}\n", "brace"),
        ] {
            let found = verify(text, 7, None);
            let first = found.first().map(|first| (first.text.as_str(), first.hint.as_str())).unwrap_or_default();
            assert!(first.1.contains(part), "{text:?}: {first:?}");
        }
    }
}
