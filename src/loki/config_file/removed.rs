//! stub
use super::model::{Model, ModelId};
pub(super) fn hint(_path: &str, _key: &str, _minor: u32, _model: &Model, _place: ModelId) -> Option<String> {
    None
}
