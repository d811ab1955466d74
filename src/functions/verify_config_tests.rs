use super::super::judgement::{LONGEST, MOST};
use super::*;

const GOOD: &str = "common: {path_prefix: /loki, replication_factor: 1, storage: {filesystem: {chunks_directory: /loki/chunks, \
rules_directory: /loki/rules}}, ring: {kvstore: {store: inmemory}}}\nschema_config: {configs: [{from: 2024-04-01, store: tsdb, \
object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]}\n";

fn call(yaml: &str, version: &str, environments: &[&[(&'static str, &str)]]) -> Result<Cty, FunctionProblem> {
    let text = |text: &str| Cty::String(text.to_owned());
    let map =
        |it: &&[(&'static str, &str)]| Cty::Map(it.iter().map(|(key, value)| ((*key).into(), text(value))).collect());
    VerifyConfig.call([text(yaml), text(version)].into_iter().chain(environments.iter().map(map)).collect())
}

fn judged(yaml: &str, version: &str) -> (bool, Vec<BTreeMap<String, String>>) {
    read(&call(yaml, version, &[]).unwrap())
}

fn read(result: &Cty) -> (bool, Vec<BTreeMap<String, String>>) {
    let Cty::Map(result) = result else { panic!("an object") };
    let (Cty::Bool(valid), Cty::List(findings)) = (&result["valid"], &result["findings"]) else { panic!("its types") };
    let finding = |it: &Cty| {
        let Cty::Map(it) = it else { panic!("an object") };
        let text = |value: &Cty| match value {
            Cty::String(text) => text.clone(),
            Cty::Number(number) => number.to_string(),
            _ => panic!("a text or number"),
        };
        it.iter().map(|(key, value)| (key.clone().into_owned(), text(value))).collect()
    };
    (*valid, findings.iter().map(finding).collect())
}

#[test]
fn a_good_file_is_valid_in_every_version() {
    for version in ["3.0", "3.3.4", "3.5", "3.7.8"] {
        let (valid, findings) = judged(GOOD, version);
        assert!(valid, "{version}: {findings:?}");
    }
}

#[test]
fn what_loki_refuses_has_place_text_and_hint() {
    let (valid, findings) = judged(&format!("{GOOD}serverr: {{}}\n"), "3.7.8");
    assert!(!valid);
    let expected = [("severity", "error"), ("path", "serverr"), ("line", "3"), ("column", "1")];
    for (key, value) in expected {
        assert_eq!(findings[0][key], value);
    }
    assert!(findings[0]["text"].contains("field serverr not found in type loki.ConfigWrapper"), "{findings:?}");
}

#[test]
fn variables_are_expanded_where_they_are_given() {
    let yaml = format!("{GOOD}server: {{http_listen_port: ${{PORT}}}}\n");
    assert!(!judged(&yaml, "3.7").0);
    assert!(read(&call(&yaml, "3.7", &[&[("PORT", "3100")]]).unwrap()).0);
    let problem = call(&yaml, "3.7", &[&[], &[]]).unwrap_err();
    assert_eq!(problem.argument, Some(3));
}

#[test]
fn unknown_versions_are_refused_with_the_known_ones() {
    for version in ["", "3", "2.9.8", "3.8.0", "4.0", "v3.7", "latest"] {
        let problem = call(GOOD, version, &[]).unwrap_err();
        assert_eq!(problem.argument, Some(1));
        assert!(problem.text.contains("3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7"), "{problem}");
    }
}

#[test]
fn findings_and_texts_have_bounds() {
    let many: String = (0..5000).map(|it| format!("key{it}: 1\n")).collect();
    let (valid, findings) = judged(&many, "3.7");
    assert!(!valid && findings.len() == MOST, "{}", findings.len());
    assert_eq!(findings[MOST - 1]["text"], "There are 4001 more findings, which are left out.");
    let (_, findings) = judged(&format!("{}: 1\n", "k".repeat(900)), "3.7");
    assert!(findings.iter().all(|it| it.values().all(|text| text.chars().count() <= LONGEST + 3)));
}

#[test]
fn secrets_are_not_quoted() {
    const SECRET: &str = "hunter2hunter2";
    for rest in [
        "storage_config: {aws: {secret_access_key: SECRET}}",
        "storage_config: {aws: {secret_access_key: [SECRET]}}",
        "storage_config: {aws: {secret_access_key: {SECRET: 1}}}",
        "storage_config: {aws: {secret_access_key: SECRET, secret_access_key: SECRET}}",
        "storage_config: {aws: {s3: 's3://key:SECRET@%zz/bucket'}}",
        "storage_config: {aws: {s3: 's3://key:SECRET@eu-west-1'}}",
        "common: {storage: {s3: {secret_access_key: SECRET, access_key_id: ''}}}",
        "query_range: {results_cache: {cache: {redis: {endpoint: a, password: !!int SECRET}}}}",
        "ruler: {alertmanager_url: 'http://user:SECRET@host:port/'}",
        "ruler: {remote_write: {enabled: true, clients: {a: {url: 'http://user:SECRET@host:port/'}}}}",
        "ruler: {remote_write: {enabled: true, client: {url: 'http://h/', headers: {Authorization: SECRET}, basic_auth: {username: a, password: SECRET}, authorization: {credentials: SECRET}}}}",
        "ruler: {alertmanager_client: {basic_auth_password: [SECRET]}}",
    ] {
        let (_, findings) = judged(&format!("{GOOD}{}\n", rest.replace("SECRET", SECRET)), "3.7");
        let told = format!("{findings:?}");
        assert!(!told.contains("hunter2"), "{rest}: {told}");
    }
}
