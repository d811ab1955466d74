use crate::proto::tfplugin6::deferred::Reason;
use crate::proto::tfplugin6::{Deferred, DynamicValue, ResourceIdentityData};
use crate::resource::{Call, Deferral};
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
        Raw::Json(json) | Raw::State(json) => DynamicValue { msgpack: Vec::new(), json },
    })
}

/// A value of which nothing is known.
pub(super) fn unknown() -> Option<DynamicValue> {
    dynamic(Raw::MessagePack(vec![0xd4, 0, 0]))
}

/// The identity as resources take it, if there is one.
pub(super) fn raw_identity(identity: Option<ResourceIdentityData>) -> Option<Raw> {
    identity.map(|identity| raw(identity.identity_data)).filter(|identity| *identity != Raw::null())
}

/// The identity as Terraform takes it.
pub(super) fn identity(raw: Option<Raw>) -> Option<ResourceIdentityData> {
    raw.map(|raw| ResourceIdentityData { identity_data: dynamic(raw) })
}

/// Why an answer is put off.
pub(super) fn deferred(call: &Call) -> Option<Deferred> {
    let reason = match call.deferred()? {
        Deferral::ConfigUnknown => Reason::ResourceConfigUnknown,
        Deferral::ProviderConfigUnknown => Reason::ProviderConfigUnknown,
        Deferral::AbsentPrerequisite => Reason::AbsentPrereq,
    };
    Some(Deferred { reason: reason as i32 })
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
