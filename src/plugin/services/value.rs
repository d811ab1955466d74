use crate::proto::tfplugin6::DynamicValue;
use crate::schema::Raw;

/// The value as resources take it. Both encodings are read; none at all is null.
pub(super) fn raw(value: Option<DynamicValue>) -> Raw {
    match value {
        Some(value) if !value.msgpack.is_empty() => Raw::MessagePack(value.msgpack),
        Some(value) if !value.json.is_empty() => Raw::Json(value.json),
        _ => Raw::null(),
    }
}

/// The value as Terraform takes it.
pub(super) fn dynamic(raw: Raw) -> Option<DynamicValue> {
    Some(match raw {
        Raw::MessagePack(msgpack) => DynamicValue { msgpack, json: Vec::new() },
        Raw::Json(json) => DynamicValue { msgpack: Vec::new(), json },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_encoding_is_null() {
        assert_eq!(raw(None), Raw::null());
        assert_eq!(raw(Some(DynamicValue::default())), Raw::null());
        assert_eq!(raw(Some(DynamicValue { msgpack: Vec::new(), json: b"1".to_vec() })), Raw::Json(b"1".to_vec()));
    }
}
