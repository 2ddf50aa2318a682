//! Access tokens as JSON Web Tokens, signed with Ed25519 (RFC 7519, RFC 8037, RFC 9068).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::aws_lc,
    decode, decode_header, encode,
    jwk::{AlgorithmParameters, Jwk},
};
use ocr_core::{
    Error, ErrorKind, Result,
    access_token_signer::{AccessClaims, AccessTokenSigner},
    clock::Timestamp,
    id::{AccessTokenId, SessionId, SigningKeyId, UserId},
    model::{KeyScope, PrivateKey, SigningKey},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who tokens are for: the servers of this platform.
const AUDIENCE: &str = "ocr-platform";
/// Who makes them where the public address is not set.
const ISSUER: &str = "ocr-platform";
/// The type of an access token, so that no other token passes for one.
const TYPE: &str = "at+jwt";
/// What stands before the 32 bytes of a private key in PKCS #8, version 1 (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// What `jsonwebtoken` demands itself. It checks an issuer or an audience only where there is one, unless it is told that
/// there must be; the other claims are demanded by [`Claims`].
const REQUIRED: [&str; 4] = ["exp", "iss", "aud", "sub"];

/// What a token says, all of which must be there.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    sid: Uuid,
    jti: Uuid,
    iat: i64,
    exp: i64,
    scope: KeyScope,
}

/// Signs access tokens with Ed25519.
#[derive(Debug)]
pub(crate) struct JwtSigner {
    issuer: String,
    validation: Validation,
}

impl JwtSigner {
    /// A signer of tokens of the server at this public address.
    pub(crate) fn new(public_url: Option<&str>) -> Self {
        // A second call finds it there.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        let issuer = public_url.unwrap_or(ISSUER).to_owned();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&REQUIRED);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[&issuer]);
        // It would ask the system's clock; whoever uses the claims looks at the times.
        validation.validate_exp = false;
        Self { issuer, validation }
    }
}

impl AccessTokenSigner for JwtSigner {
    fn public_half(&self, private: &PrivateKey) -> Result<String> {
        let jwk = Jwk::from_encoding_key(&encoding_key(private)?, Algorithm::EdDSA).map_err(unusable)?;
        match jwk.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) => Ok(pair.x),
            _ => Err(Error::new(
                ErrorKind::Internal,
                "a signing key is of another kind",
            )),
        }
    }

    fn sign(&self, key: &SigningKey, claims: &AccessClaims) -> Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.id.to_string());
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user.0,
            sid: claims.session.0,
            jti: claims.id.0,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
            scope: claims.scope,
        };
        encode(&header, &claims, &encoding_key(&key.private)?).map_err(unusable)
    }

    fn key_named(&self, token: &str) -> Option<SigningKeyId> {
        let header = decode_header(token).ok()?;
        header.kid?.parse().ok()
    }

    fn verify(&self, token: &str, key: &SigningKey) -> Result<AccessClaims> {
        let public = DecodingKey::from_ed_components(&key.public).map_err(unusable)?;
        let token = decode::<Claims>(token, &public, &self.validation).map_err(|_| nobody())?;
        if token.header.typ.as_deref() != Some(TYPE) || token.header.crit.is_some() {
            return Err(nobody());
        }
        let claims = token.claims;
        Ok(AccessClaims::new(
            AccessTokenId(claims.jti),
            UserId(claims.sub),
            SessionId(claims.sid),
            claims.scope,
            time(claims.iat)?,
            time(claims.exp)?,
        ))
    }
}

fn encoding_key(private: &PrivateKey) -> Result<EncodingKey> {
    let seed = URL_SAFE_NO_PAD.decode(private.as_str()).map_err(unusable)?;
    Ok(EncodingKey::from_ed_der(&[&PKCS8[..], &seed].concat()))
}

fn time(seconds: i64) -> Result<Timestamp> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(nobody)
}

fn nobody() -> Error {
    Error::new(ErrorKind::Unauthenticated, "sign in first")
}

fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "a signing key cannot be used").with_source(error)
}

#[cfg(test)]
mod tests {
    use ocr_core::id::{IdGenerator, RandomIds};
    use serde_json::{Value, json};

    use super::*;

    fn signer() -> JwtSigner {
        JwtSigner::new(Some("https://ocr.example"))
    }

    fn key(seed: u8) -> SigningKey {
        let private = PrivateKey::new(URL_SAFE_NO_PAD.encode([seed; 32]));
        let public = signer().public_half(&private).unwrap();
        let id = SigningKeyId(RandomIds.next());
        SigningKey::new(id, private, public, Timestamp::default())
    }

    fn claims() -> AccessClaims {
        AccessClaims::new(
            AccessTokenId(RandomIds.next()),
            UserId(RandomIds.next()),
            SessionId(RandomIds.next()),
            KeyScope::Write,
            time(1_000).unwrap(),
            time(1_600).unwrap(),
        )
    }

    /// The claims of a good token, as JSON.
    fn good() -> Value {
        json!({
            "iss": "https://ocr.example", "aud": AUDIENCE, "sub": RandomIds.next(), "sid": RandomIds.next(),
            "jti": RandomIds.next(), "iat": 1_000, "exp": 1_600, "scope": "write",
        })
    }

    fn header(key: &SigningKey) -> Header {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.id.to_string());
        header
    }

    fn is_refused(token: &str, key: &SigningKey) -> bool {
        let verified = signer().verify(token, key);
        verified.is_err_and(|error| error.kind() == ErrorKind::Unauthenticated)
    }

    #[test]
    fn the_public_half_is_that_of_rfc_8032() {
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
            0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ];
        let private = PrivateKey::new(URL_SAFE_NO_PAD.encode(seed));
        // The example of RFC 8037, appendix A.
        let public = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(signer().public_half(&private).unwrap(), public);
        assert!(signer().public_half(&PrivateKey::new("short")).is_err());
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let (key, claims) = (key(1), claims());
        let token = signer().sign(&key, &claims).unwrap();
        assert_eq!(signer().key_named(&token), Some(key.id));
        assert_eq!(signer().verify(&token, &key).unwrap(), claims);
    }

    #[test]
    fn a_token_of_another_key_issuer_or_audience_is_refused() {
        let (key, other) = (key(1), key(2));
        let token = signer().sign(&key, &claims()).unwrap();
        assert!(is_refused(&token, &other));
        let elsewhere = JwtSigner::new(None).sign(&key, &claims()).unwrap();
        assert!(is_refused(&elsewhere, &key));
        let (message, _) = token.rsplit_once('.').unwrap();
        assert!(is_refused(&format!("{message}."), &key), "no signature");
        for odd in ["", ".", "..", "a.b.c", "ocr_key"] {
            assert!(is_refused(odd, &key), "{odd}");
            assert_eq!(signer().key_named(odd), None, "{odd}");
        }
    }

    #[test]
    fn every_claim_must_be_there_in_its_form() {
        let key = key(1);
        let signing = encoding_key(&key.private).unwrap();
        let token = |claims: &Value| encode(&header(&key), claims, &signing).unwrap();
        assert!(!is_refused(&token(&good()), &key));
        for claim in ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "scope"] {
            let mut lacking = good();
            lacking.as_object_mut().unwrap().remove(claim);
            assert!(is_refused(&token(&lacking), &key), "without {claim}");
        }
        for (claim, odd) in [
            ("exp", json!("1600")),
            ("exp", json!(null)),
            ("exp", json!(i64::MAX)),
            ("iat", json!("1000")),
            ("aud", json!("somebody else")),
            ("aud", json!([])),
            ("iss", json!("https://evil.example")),
            ("sub", json!("../../etc/passwd")),
            ("scope", json!("everything")),
        ] {
            let mut changed = good();
            changed[claim] = odd.clone();
            assert!(is_refused(&token(&changed), &key), "{claim} {odd}");
        }
    }

    #[test]
    fn another_type_or_algorithm_is_refused() {
        let key = key(1);
        let signing = encoding_key(&key.private).unwrap();
        let mut plain = header(&key);
        plain.typ = Some("JWT".to_owned());
        assert!(is_refused(&encode(&plain, &good(), &signing).unwrap(), &key));
        // A signature by a secret that everybody knows: the public half.
        let secret = EncodingKey::from_secret(key.public.as_bytes());
        let mut confused = Header::new(Algorithm::HS256);
        confused.typ = Some(TYPE.to_owned());
        assert!(is_refused(&encode(&confused, &good(), &secret).unwrap(), &key));
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let unsigned = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(&good().to_string()));
        assert!(is_refused(&unsigned, &key));
    }

    #[test]
    fn a_name_of_a_key_that_is_none_finds_nothing() {
        let key = key(1);
        let signing = encoding_key(&key.private).unwrap();
        for odd in [None, Some("../../etc/passwd"), Some("")] {
            let mut named = header(&key);
            named.kid = odd.map(str::to_owned);
            let token = encode(&named, &good(), &signing).unwrap();
            assert_eq!(signer().key_named(&token), None, "{odd:?}");
        }
    }
}
