use super::level::{self, Level};

/// The cookie by which a plugin knows that Terraform started it. It is no secret and protects nothing; it keeps people
/// from starting a plugin by hand and wondering.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// What Terraform, or rather its go-plugin, says through the environment.
///
/// `PLUGIN_PROTOCOL_VERSIONS` is not read: this provider speaks version 6 alone, and answers so to a client that does
/// not, since the client is the one to report it.
#[derive(Debug, PartialEq)]
pub(super) struct Invitation {
    /// The client's certificate as PEM. None from old clients, and where TLS is turned off by `TF_DISABLE_PLUGIN_TLS`.
    pub client_certificate: Option<String>,
    /// The folder for the socket.
    pub socket_folder: Option<String>,
    /// The group that may use the socket as well: a name or a number.
    pub socket_group: Option<String>,
    /// The client asks whether connections are multiplexed, and reads one more field of the handshake line.
    pub asks_for_multiplexing: bool,
    /// How much to log.
    pub level: Level,
}

impl Invitation {
    /// None without the cookie. `variable` looks up an environment variable.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        if variable(COOKIE.0)? != COOKIE.1 {
            return None;
        }
        let set = |name| variable(name).filter(|value| !value.is_empty());
        Some(Self {
            client_certificate: set("PLUGIN_CLIENT_CERT"),
            asks_for_multiplexing: set("PLUGIN_MULTIPLEX_GRPC").is_some(),
            ..Self::by_hand(variable)
        })
    }

    /// What the environment says to a provider that somebody starts by hand for Terraform to attach to: nobody has
    /// handed it a certificate, and there is no handshake line.
    pub fn by_hand(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        Self {
            client_certificate: None,
            socket_folder: set("PLUGIN_UNIX_SOCKET_DIR"),
            socket_group: set("PLUGIN_UNIX_SOCKET_GROUP"),
            asks_for_multiplexing: false,
            level: level::read(variable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<Invitation> {
        Invitation::read(&|name| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned()))
    }

    #[test]
    fn without_the_cookie_nothing_is_served() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[(COOKIE.0, "another")]), None);
    }

    #[test]
    fn empty_variables_are_unset() {
        let invitation = read(&[COOKIE, ("PLUGIN_CLIENT_CERT", ""), ("PLUGIN_UNIX_SOCKET_DIR", "/run")]).unwrap();
        assert_eq!(invitation.client_certificate, None);
        assert_eq!(invitation.socket_folder.as_deref(), Some("/run"));
        assert!(!invitation.asks_for_multiplexing);
    }
}
