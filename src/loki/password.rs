//! Password hashes that are the same each time: a plan that asks twice must get one answer (loki#12032).

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha_crypt::{ROUNDS_MIN, Sha512Params, sha512_crypt_b64};
use sha2::{Digest, Sha256};

/// The longest salt of crypt(3).
const SALT: usize = 16;

/// The hash of a password for nginx, as crypt(3) makes it with SHA-512.
///
/// The salt follows from `owner`, which is to name the one user of all: equal passwords of two users have different
/// hashes, and no table made beforehand has them. Of rounds there are as few as crypt(3) allows, since nginx tries the
/// password with every request.
pub fn hash(password: &str, owner: &str) -> Option<String> {
    let salt = STANDARD_NO_PAD.encode(Sha256::digest(owner)).replace('+', ".");
    let salt = &salt[..SALT];
    let parameters = Sha512Params::new(ROUNDS_MIN).ok()?;
    let hash = sha512_crypt_b64(password.as_bytes(), salt.as_bytes(), &parameters).ok()?;
    Some(format!("$6$rounds={ROUNDS_MIN}${salt}${hash}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_same_each_time_and_another_for_each_owner() {
        let of = |owner: &str| hash("correct horse", owner).unwrap();
        assert_eq!(of("loki/main/grafana"), of("loki/main/grafana"));
        assert_ne!(of("loki/main/grafana"), of("loki/main/agent"));
        // As crypt(3) of the C library has it.
        let known = "$6$rounds=1000$KNOWN";
        assert!(of("loki/main/grafana").starts_with("$6$rounds=1000$"), "{known}");
    }
}
