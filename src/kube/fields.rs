//! Fields that change hands: what another program made is gone on with.

use serde_json::{Map, Value, json};

use super::{Cluster, Error, FIELD_MANAGER, ObjectRef};

/// Makes the provider the manager of every field that was set together with `mark`, an annotation, so that the next
/// [`Cluster::apply`] takes those away that it does not have: otherwise they would stay for ever, one container beside the
/// other. None of the object's own fields changes. Does nothing where the object, or the mark on it, does not exist.
///
/// This is what `csaupgrade` of client-go does
/// (<https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply>).
///
/// # Errors
/// [`Error::Conflict`] when the object changes at the same time.
pub async fn take_fields(cluster: &dyn Cluster, object: &ObjectRef, mark: &str) -> Result<(), Error> {
    let Some(live) = cluster.get(object).await? else { return Ok(()) };
    let Some(managed) = taken(&live["metadata"]["managedFields"], mark) else { return Ok(()) };
    let version = &live["metadata"]["resourceVersion"];
    let patch = json!({"metadata": {"resourceVersion": version, "managedFields": managed}});
    cluster.merge(object, &patch).await.map(drop)
}

/// The entries with those that have the mark made one of ours; none where no other manager's has it.
fn taken(entries: &Value, mark: &str) -> Option<Value> {
    let entries = entries.as_array()?;
    let ours = |entry: &Value| entry["manager"] == FIELD_MANAGER && entry["operation"] == "Apply";
    let marked = |entry: &Value| {
        let of_status = entry["subresource"].as_str().is_some_and(|name| !name.is_empty());
        !of_status && !entry["fieldsV1"]["f:metadata"]["f:annotations"][format!("f:{mark}")].is_null()
    };
    let first = entries.iter().find(|entry| marked(entry) && !ours(entry))?;
    let mut fields = Map::new();
    for entry in entries.iter().filter(|entry| marked(entry) || ours(entry)) {
        unite(&mut fields, &entry["fieldsV1"]);
    }
    let mut own = first.clone();
    own["manager"] = FIELD_MANAGER.into();
    own["operation"] = "Apply".into();
    own["fieldsV1"] = fields.into();
    let others = entries.iter().filter(|entry| !marked(entry) && !ours(entry)).cloned();
    Some(std::iter::once(own).chain(others).collect())
}

/// Adds the fields of another set: sets are nested objects whose leaves are empty.
fn unite(all: &mut Map<String, Value>, more: &Value) {
    for (key, below) in more.as_object().into_iter().flatten() {
        if let Value::Object(into) = all.entry(key.clone()).or_insert_with(|| json!({})) {
            unite(into, below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "meta.helm.sh/release-name";

    fn entry(manager: &str, operation: &str, fields: Value) -> Value {
        json!({"manager": manager, "operation": operation, "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": fields})
    }

    #[test]
    fn who_set_the_mark_hands_over() {
        let helm = json!({"f:metadata": {"f:annotations": {"f:meta.helm.sh/release-name": {}}}, "f:data": {"f:a": {}}});
        let kubectl = entry("kubectl", "Update", json!({"f:data": {"f:b": {}}}));
        let ours = entry(FIELD_MANAGER, "Apply", json!({"f:data": {"f:c": {}}}));
        let live = json!([entry("helm", "Update", helm), kubectl, ours]);
        let all = json!({"f:metadata": {"f:annotations": {"f:meta.helm.sh/release-name": {}}},
                         "f:data": {"f:a": {}, "f:c": {}}});
        let expected = json!([entry(FIELD_MANAGER, "Apply", all), kubectl]);
        assert_eq!(taken(&live, MARK), Some(expected.clone()));
        assert_eq!(taken(&expected, MARK), None, "once is enough");
    }

    #[test]
    fn without_the_mark_nothing_changes() {
        assert_eq!(taken(&json!([entry("helm", "Update", json!({"f:data": {}}))]), MARK), None);
        assert_eq!(taken(&Value::Null, MARK), None);
    }
}
