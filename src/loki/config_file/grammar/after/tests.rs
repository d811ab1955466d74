use super::super::super::value::{Entry, Value};
use super::after;

/// A map from YAML-like pairs: `a=1`, `b=text`, `c={…}` nested, `d=null`, `e=true`.
fn map(pairs: &[(&str, Value)]) -> Value {
    Value::Map(pairs.iter().map(|(key, value)| ((*key).to_owned(), Entry::derived(value.clone()))).collect())
}

fn ask(kind: &str, minor: u32, pairs: &[(&str, Value)]) -> Option<String> {
    match map(pairs) {
        Value::Map(members) => after(kind, minor, &members),
        _ => None,
    }
}

#[test]
fn a_client_certificate_needs_its_key() {
    let error = ask("config.TLSConfig", 7, &[("cert_file", "a".into())]).unwrap();
    assert_eq!(error, "exactly one of key or key_file must be configured when a client certificate is configured");
    let both = [("ca", "a".into()), ("ca_file", "b".into())];
    assert_eq!(ask("config.TLSConfig", 0, &both).unwrap(), "at most one of ca and ca_file must be configured");
    assert_eq!(ask("config.TLSConfig", 2, &both).unwrap(), "at most one of ca, ca_file & ca_ref must be configured");
}

#[test]
fn a_period_needs_a_schema_version() {
    assert_eq!(ask("config.PeriodConfig", 7, &[("schema", "v13".into())]), None);
    let error = ask("config.PeriodConfig", 7, &[]).unwrap();
    assert_eq!(error, r#"invalid schema version: strconv.Atoi: parsing "": invalid syntax"#);
}

#[test]
fn remote_write_needs_a_url_and_one_authentication() {
    let url = ("url", Value::from("http://a"));
    assert_eq!(ask("config.RemoteWriteConfig", 7, &[]).unwrap(), "url for remote_write is empty");
    assert_eq!(ask("config.RemoteWriteConfig", 7, std::slice::from_ref(&url)), None);
    let several = [url.clone(), ("bearer_token", "t".into()), ("sigv4", map(&[]))];
    let error = ask("config.RemoteWriteConfig", 7, &several).unwrap();
    assert!(error.ends_with("Currently configured: [authorization sigv4]"), "{error}");
    let host = [url.clone(), ("headers", map(&[("Host", "x".into())]))];
    let error = ask("config.RemoteWriteConfig", 7, &host).unwrap();
    assert_eq!(error, "Host is a reserved header. It must not be changed");
    let queue = [url, ("queue_config", map(&[("max_shards", Value::Int(0))]))];
    assert_eq!(ask("config.RemoteWriteConfig", 6, &queue), None);
    assert_eq!(ask("config.RemoteWriteConfig", 7, &queue).unwrap(), "remote write queue max_shards must be positive");
}

#[test]
fn relabelling_rules_are_judged_until_3_6() {
    let error = ask("relabel.Config", 6, &[]).unwrap();
    assert_eq!(error, "relabel configuration for replace action requires 'target_label' value");
    assert_eq!(ask("relabel.Config", 7, &[]), None);
    for (target, valid) in [("a_${1}b$x", true), ("$", false), ("9a", false), ("a${", false), ("a$1-", false)] {
        let error = ask("relabel.Config", 4, &[("target_label", target.into())]);
        assert_eq!(error.is_none(), valid, "{target}");
        assert_eq!(ask("relabel.Config", 5, &[("target_label", target.into())]), None);
    }
    let drop = [("action", "labeldrop".into()), ("target_label", "a".into())];
    let error = ask("relabel.Config", 3, &drop).unwrap();
    assert_eq!(error, "labeldrop action requires only 'regex', and no other fields");
}

#[test]
fn other_structs() {
    let error = ask("push.AttributesConfig", 3, &[("action", "keep".into())]).unwrap();
    assert_eq!(error, "unsupported action, it must be one of: drop, index_label, structured_metadata");
    assert_eq!(ask("push.AttributesConfig", 3, &[("regex", "a".into())]), None);
    assert_eq!(ask("azuread.AzureADConfig", 3, &[("sdk", map(&[]))]), None);
    let error = ask("azuread.AzureADConfig", 3, &[("oauth", map(&[("client_id", "x".into())]))]).unwrap();
    assert_eq!(error, "must provide an Azure OAuth client_secret in the Azure AD config");
    let error = ask("sigv4.SigV4Config", 3, &[("access_key", "x".into())]).unwrap();
    assert!(error.starts_with("must provide a AWS SigV4 Access key"), "{error}");
    let oauth2 = [("oauth2", map(&[("client_id", "a".into())]))];
    assert_eq!(ask("config.HTTPClientConfig", 3, &oauth2).unwrap(), "oauth2 token_url must be configured");
}
