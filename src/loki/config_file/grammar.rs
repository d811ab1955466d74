//! stub
#![allow(missing_docs)]
use super::value::{Entry, Value};
use super::yaml::{Document, Node};
pub enum Refusal {
    Collected(Vec<String>),
    Abort(String),
}
pub fn read(_kind: &str, _node: &Node, _document: &Document, _minor: u32) -> Option<Result<Value, Refusal>> {
    None
}
pub fn after(_kind: &str, _minor: u32, _members: &std::collections::BTreeMap<String, Entry>) -> Option<String> {
    None
}
/// "cannot unmarshal !!map into string"
pub fn mismatch(_node: &Node, _type_name: &str) -> String {
    String::new()
}
