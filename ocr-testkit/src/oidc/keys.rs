//! Keys that sign tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rcgen::{KeyPair, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};

use super::unguessable;

/// What stands before the modulus of a public RSA key of 2048 bits in DER: the sequence, and an integer of 257 bytes
/// whose first one is zero.
const RSA_HEAD: usize = 9;
/// Bytes of that modulus.
const MODULUS: usize = 256;

/// A key that signs tokens.
#[derive(Debug)]
pub(super) struct SigningKey {
    pair: KeyPair,
    algorithm: &'static str,
    id: String,
}

impl SigningKey {
    pub(super) fn rsa() -> Self {
        Self {
            pair: KeyPair::generate_for(&PKCS_RSA_SHA256).expect("an RSA key can be made"),
            algorithm: "RS256",
            id: unguessable(),
        }
    }

    pub(super) fn ed25519() -> Self {
        Self {
            pair: KeyPair::generate_for(&PKCS_ED25519).expect("an Ed25519 key can be made"),
            algorithm: "EdDSA",
            id: unguessable(),
        }
    }

    /// The public half, as a JSON Web Key.
    pub(super) fn public(&self) -> Value {
        let raw = self.pair.der_bytes();
        let mut key = if self.algorithm == "RS256" {
            json!({"kty": "RSA", "n": encoded(&raw[RSA_HEAD..RSA_HEAD + MODULUS]), "e": "AQAB"})
        } else {
            json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(raw)})
        };
        key["use"] = "sig".into();
        key["alg"] = self.algorithm.into();
        key["kid"] = self.id.as_str().into();
        key
    }

    /// A token with these claims, signed.
    pub(super) fn token(&self, claims: &Value) -> String {
        let signed = parts(
            &json!({"typ": "JWT", "alg": self.algorithm, "kid": self.id}),
            claims,
        );
        let signature = self.pair.sign(signed.as_bytes()).expect("a key signs");
        format!("{signed}.{}", encoded(&signature))
    }
}

/// Header and claims of a token, as they are signed.
pub(super) fn parts(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}",
        encoded(header.to_string().as_bytes()),
        encoded(claims.to_string().as_bytes())
    )
}

/// Base64 as tokens have it.
pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modulus_is_where_it_is_looked_for() {
        let key = SigningKey::rsa();
        let raw = key.pair.der_bytes();
        assert_eq!(
            raw[..RSA_HEAD],
            [0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0]
        );
        assert_eq!(raw[RSA_HEAD + MODULUS..], [2, 3, 1, 0, 1]);
    }
}
