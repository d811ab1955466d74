//! What diagnostics say, and how values are written.

use loki_provider::proto::tfplugin6 as tf;
use tf::diagnostic::Severity;

#[path = "../support/said.rs"]
mod record;

/// The one error that says what and why.
pub fn error(diagnostics: &[tf::Diagnostic]) -> &tf::Diagnostic {
    diagnostics.iter().for_each(|it| record::record(&it.detail));
    let [error] = diagnostics else { panic!("{diagnostics:?}") };
    assert_eq!(error.severity(), Severity::Error);
    assert!(!error.summary.is_empty() && !error.detail.is_empty(), "{error:?}");
    error
}

/// The error of a panic, which quotes nothing.
pub fn panicked(diagnostics: &[tf::Diagnostic]) {
    let error = error(diagnostics);
    assert!(error.detail.contains("panicked") && !error.detail.contains("secret"), "{error:?}");
}

/// The error of a call that the user stopped.
pub fn stopped(diagnostics: &[tf::Diagnostic]) {
    let error = error(diagnostics);
    assert!(error.summary.contains("Stopped"), "{error:?}");
}

/// The attribute that the error is about.
pub fn place(diagnostics: &[tf::Diagnostic]) -> String {
    use tf::attribute_path::step::Selector;
    let path = error(diagnostics).attribute.clone().unwrap_or_default();
    let steps = path.steps.into_iter().map(|step| match step.selector.unwrap() {
        Selector::AttributeName(name) | Selector::ElementKeyString(name) => name,
        Selector::ElementKeyInt(index) => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// A value in JSON, as clients may send it.
pub fn json(value: serde_json::Value) -> Option<tf::DynamicValue> {
    Some(tf::DynamicValue { msgpack: Vec::new(), json: value.to_string().into_bytes() })
}

/// Stored JSON.
pub fn stored(value: serde_json::Value) -> Option<tf::RawState> {
    Some(tf::RawState { json: value.to_string().into_bytes(), ..Default::default() })
}

/// A value that is neither MessagePack nor JSON.
pub fn garbage() -> Option<tf::DynamicValue> {
    Some(tf::DynamicValue { msgpack: vec![0xc1, 0xff, 0x00], json: Vec::new() })
}

/// The unknown value.
pub fn unknown() -> Option<tf::DynamicValue> {
    Some(tf::DynamicValue { msgpack: vec![0xd4, 0, 0], json: Vec::new() })
}

/// What a client says that can wait.
pub fn patient() -> Option<tf::ClientCapabilities> {
    Some(tf::ClientCapabilities { deferral_allowed: true, write_only_attributes_allowed: true })
}
