use super::*;
use std::fs;
use tempfile::TempDir;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";

/// A kubeconfig with the contexts `lab` (current, client certificate) and `prod` (plugin).
fn kubeconfig(directory: &TempDir, name: &str) -> PathBuf {
    let path = directory.path().join(name);
    let text = "
apiVersion: v1
kind: Config
current-context: lab
clusters:
- {name: lab, cluster: {server: 'https://lab:6443'}}
- {name: prod, cluster: {server: 'https://prod', proxy-url: 'http://proxy:3128'}}
users:
- {name: admin, user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}}
- {name: sso, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}}
contexts:
- {name: lab, context: {cluster: lab, user: admin}}
- {name: prod, context: {cluster: prod, user: sso}}
- {name: broken, context: {cluster: none, user: admin}}
";
    fs::write(&path, text).unwrap();
    path
}

fn environment(vars: &[(&str, &str)]) -> Environment {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Environment { vars: vars.iter().map(owned).collect(), service_account: "/nonexistent".into() }
}

fn refusal(settings: &Settings, vars: &[(&str, &str)]) -> String {
    resolve(settings, &environment(vars)).err().expect("a refusal").to_string()
}

#[test]
fn a_kubeconfig_of_the_settings_is_not_redirected_by_variables() {
    let directory = TempDir::new().unwrap();
    let path = kubeconfig(&directory, "config");
    let settings =
        Settings { config_path: Some(path.clone()), config_context: Some("prod".into()), ..Settings::default() };
    let vars = [("KUBE_HOST", "https://elsewhere"), ("KUBE_TOKEN", "hush"), ("KUBE_CTX", "lab")];
    let source = resolve(&settings, &environment(&vars)).unwrap();
    assert_eq!(source.config.cluster_url, "https://prod/");
    assert_eq!(source.config.proxy_url.unwrap(), "http://proxy:3128/");
    assert_eq!(source.origin, format!("kubeconfig {} context prod", path.display()));
    assert!(matches!(source.bearer, Some(Bearer::Exec(plugin)) if plugin.command() == "aws"));
}

#[test]
fn a_host_of_the_settings_borrows_nothing_from_a_kubeconfig() {
    let directory = TempDir::new().unwrap();
    let path = kubeconfig(&directory, "config");
    let settings = Settings { host: Some("10.0.0.1:6443".into()), ..Settings::default() };
    let vars = [("KUBE_CONFIG_PATH", path.to_str().unwrap()), ("KUBECONFIG", path.to_str().unwrap())];
    let source = resolve(&settings, &environment(&vars)).unwrap();
    assert_eq!(source.config.cluster_url, "https://10.0.0.1:6443/");
    assert!(source.config.auth_info.client_certificate_data.is_none());
    assert_eq!(source.origin, "host https://10.0.0.1:6443 with no credentials");

    let vars = [("KUBE_TOKEN", "hush"), ("KUBE_INSECURE", "true")];
    let source = resolve(&settings, &environment(&vars)).unwrap();
    assert_eq!(source.origin, "host https://10.0.0.1:6443 with a token");
    assert!(source.config.auth_info.token.is_some() && source.config.accept_invalid_certs);
}

#[test]
fn a_token_takes_the_place_of_the_kubeconfigs_certificate() {
    let directory = TempDir::new().unwrap();
    let path = kubeconfig(&directory, "config");
    let vars = [("KUBE_CONFIG_PATHS", path.to_str().unwrap()), ("KUBE_TOKEN", "hush")];
    let source = resolve(&Settings::default(), &environment(&vars)).unwrap();
    assert!(source.config.auth_info.client_certificate_data.is_none());
    assert_eq!(source.origin, format!("kubeconfig {} context lab with another user", path.display()));
}

#[test]
fn kubectls_files_come_last_and_may_be_missing_in_a_list() {
    let directory = TempDir::new().unwrap();
    let path = kubeconfig(&directory, "config");
    let list = format!("/nonexistent/a:{}", path.display());
    let source = resolve(&Settings::default(), &environment(&[("KUBECONFIG", &list)])).unwrap();
    assert_eq!(source.config.cluster_url, "https://lab:6443/");

    fs::create_dir(directory.path().join(".kube")).unwrap();
    fs::rename(&path, directory.path().join(".kube/config")).unwrap();
    let home = [("HOME", directory.path().to_str().unwrap())];
    let source = resolve(&Settings::default(), &environment(&home)).unwrap();
    assert_eq!(source.config.cluster_url, "https://lab:6443/");
    let tilde = Settings { config_path: Some("~/.kube/config".into()), ..Settings::default() };
    assert!(resolve(&tilde, &environment(&home)).is_ok());
}

#[test]
fn refusals_say_what_was_tried() {
    let directory = TempDir::new().unwrap();
    let path = kubeconfig(&directory, "config");
    let shown = path.display().to_string();
    assert_eq!(
        refusal(&Settings::default(), &[("HOME", "/home/x")]),
        "no Kubernetes cluster is configured: set config_path, host or in_cluster (tried KUBE_CONFIG_PATH, \
         KUBE_CONFIG_PATHS, KUBE_HOST, KUBECONFIG, /home/x/.kube/config and a pod's service account)"
    );
    let named = |context: &str| Settings {
        config_path: Some(path.clone()),
        config_context: Some(context.into()),
        ..Settings::default()
    };
    assert_eq!(
        refusal(&named("dev"), &[]),
        format!("kubeconfig {shown} (from config_path) has no context \"dev\"; it has lab, prod, broken")
    );
    assert!(refusal(&named("broken"), &[]).contains("has no cluster \"none\""));
    let missing = Settings { config_path: Some("/nonexistent/c".into()), ..Settings::default() };
    let text = refusal(&missing, &[]);
    assert!(text.starts_with("kubeconfig /nonexistent/c (from config_path) cannot be read: No such file"), "{text}");
    let text = refusal(&Settings::default(), &[("KUBECONFIG", "/nonexistent/a:/nonexistent/b")]);
    assert_eq!(text, "kubeconfig /nonexistent/a:/nonexistent/b (from KUBECONFIG) does not exist");
}

#[test]
fn refusals_hold_no_secrets() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("config");
    fs::write(&path, "users:\n- name: a\n  user:\n    token: [hush]\n").unwrap();
    let settings = Settings { config_path: Some(path), ..Settings::default() };
    let text = refusal(&settings, &[]);
    assert!(!text.contains("hush") && text.contains("is not a kubeconfig: see line 4"), "{text}");
    let host = |host: &str| Settings { host: Some(host.into()), ..Settings::default() };
    for settings in [
        host("https://user:hush@cluster"),
        Settings { proxy_url: Some("socks5://u:hush@proxy".into()), ..host("https://c") },
        Settings { cluster_ca_certificate: Some("hush".into()), ..host("https://c") },
    ] {
        let text = refusal(&settings, &[]);
        assert!(!text.contains("hush") && text.contains(" must be "), "{text}");
    }
}

#[test]
fn half_a_client_certificate_and_contradictions_are_refused() {
    let host = Settings { host: Some("https://c".into()), ..Settings::default() };
    let half = Settings { client_certificate: Some(CERTIFICATE.into()), ..host.clone() };
    // The variable does not complete what the configuration began.
    assert_eq!(refusal(&half, &[("KUBE_CLIENT_KEY_DATA", KEY)]), "client_certificate is set without client_key");
    assert!(refusal(&Settings { in_cluster: true, ..host.clone() }, &[]).contains("must not be set"));
    assert!(refusal(&Settings { in_cluster: true, ..Settings::default() }, &[]).contains("KUBERNETES_SERVICE_HOST"));
}

#[test]
fn base64_of_pem_is_taken_as_pem() {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(CERTIFICATE);
    for ca in [CERTIFICATE, &encoded] {
        let settings =
            Settings { host: Some("https://c".into()), cluster_ca_certificate: Some(ca.into()), ..Settings::default() };
        let source = resolve(&settings, &environment(&[])).unwrap();
        assert_eq!(source.config.root_cert.unwrap(), [[0x30, 0x82, 0x01]]);
    }
}

#[test]
fn the_ambient_proxy_yields_to_no_proxy_and_to_loopback() {
    let proxy_of = |host: &str, no_proxy: &str| {
        let settings = Settings { host: Some(host.into()), ..Settings::default() };
        let vars = [("HTTPS_PROXY", "http://proxy:3128"), ("NO_PROXY", no_proxy)];
        resolve(&settings, &environment(&vars)).unwrap().config.proxy_url
    };
    assert!(proxy_of("https://cluster.example.com", "").is_some());
    assert!(proxy_of("https://cluster.example.com", "a.b, .example.com").is_none());
    assert!(proxy_of("https://10.1.2.3:6443", "10.0.0.0/8").is_none());
    assert!(proxy_of("https://127.0.0.1:6443", "").is_none());
    assert!(proxy_of("http://cluster.example.com", "").is_none());
}
