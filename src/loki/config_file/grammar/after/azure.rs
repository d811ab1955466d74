//! Azure AD of Prometheus' remote write (storage/remote/azuread/azuread.go, AzureADConfig.Validate).

use super::Members;

pub(super) fn check(config: Members<'_>, minor: u32) -> Option<String> {
    if !matches!(config.text("cloud"), "" | "AzurePublic" | "AzureGovernment" | "AzureChina") {
        return Some("must provide a cloud in the Azure AD config".into());
    }
    methods(config, minor)
        .or_else(|| managed_identity(config.nested("managed_identity")?, minor))
        .or_else(|| credentials(config.nested("workload_identity")?, "Workload Identity", &["client_id", "tenant_id"]))
        .or_else(|| credentials(config.nested("oauth")?, "OAuth", &["client_id", "client_secret", "tenant_id"]))
        .or_else(|| {
            credentials(config.nested("certificate")?, "Certificate", &["client_id", "tenant_id", "certificate_path"])
        })
        .or_else(|| {
            let allowed = |byte: u8| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'\t' | b'\n' | 0xc | b'\r') || b"_ :/.-".contains(&byte)
            };
            let strange = minor >= 7 && !config.text("scope").bytes().all(allowed);
            strange.then(|| "the provided scope contains invalid characters".into())
        })
}

fn methods(config: Members<'_>, minor: u32) -> Option<String> {
    let [managed, workload, oauth, sdk, certificate] =
        ["managed_identity", "workload_identity", "oauth", "sdk", "certificate"].map(|method| config.has(method));
    let count = [managed, workload, oauth, sdk, certificate].into_iter().filter(|set| *set).count();
    let both = |one: &str, other: &str| {
        Some(format!("cannot provide both Azure {one} and Azure {other} in the Azure AD config"))
    };
    match (count, minor) {
        (0, 0..=1) => Some("must provide an Azure Managed Identity or Azure OAuth in the Azure AD config".into()),
        (0, 2..=6) => {
            Some("must provide an Azure Managed Identity, Azure OAuth or Azure SDK in the Azure AD config".into())
        }
        (0, _) => Some(
            "must provide an Azure Managed Identity, Azure Workload Identity, Azure OAuth, Azure Certificate or Azure \
             SDK in the Azure AD config"
                .into(),
        ),
        (1, _) => None,
        (_, 7..) => Some("cannot provide multiple authentication methods in the Azure AD config".into()),
        _ if managed && oauth => both("Managed Identity", "OAuth"),
        _ if managed && sdk => both("Managed Identity", "SDK"),
        _ if oauth && sdk => both("OAuth", "SDK"),
        _ => None,
    }
}

fn managed_identity(identity: Members<'_>, minor: u32) -> Option<String> {
    let id = identity.text("client_id");
    if id.is_empty() {
        let text = "must provide an Azure Managed Identity client_id in the Azure AD config";
        return (minor < 6).then(|| text.into());
    }
    (!is_uuid(id)).then(|| "the provided Azure Managed Identity client_id is invalid".into())
}

/// All of these must be there; the client must be a UUID, and so must be the tenant of a workload. The others' tenants
/// are compared with a pattern, but not whether they match.
fn credentials(config: Members<'_>, name: &str, keys: &[&str]) -> Option<String> {
    if let Some(missing) = keys.iter().find(|key| config.text(key).is_empty()) {
        return Some(format!("must provide an Azure {name} {missing} in the Azure AD config"));
    }
    let uuids: &[&str] = if name == "Workload Identity" { &["client_id", "tenant_id"] } else { &["client_id"] };
    let wrong = uuids.iter().find(|key| !is_uuid(config.text(key)))?;
    Some(format!("the provided Azure {name} {wrong} is invalid"))
}

/// github.com/google/uuid, Parse.
fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    let bytes = match bytes.len() {
        32 => return hex(bytes),
        36 => bytes,
        // Braces, or whatever is in their place.
        38 => &bytes[1..37],
        45 if bytes[..9].eq_ignore_ascii_case(b"urn:uuid:") => &bytes[9..],
        _ => return false,
    };
    let dash = |index: usize| matches!(index, 8 | 13 | 18 | 23);
    bytes.iter().enumerate().all(|(index, byte)| if dash(index) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}
