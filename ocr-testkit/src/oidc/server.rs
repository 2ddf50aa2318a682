//! What the provider answers.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Form, Json, Router,
    extract::{Query, State as Shared},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    CLIENT_ID, CLIENT_SECRET, Inner, Misbehaviour, State,
    keys::{encoded, parts},
    now, unguessable,
};

type Parameters = HashMap<String, String>;

pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/keys", get(keys))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .with_state(state)
}

async fn configuration(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    let issuer = &state.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/end-session"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "EdDSA"],
    }))
}

async fn keys(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    let key = state.inner().key.public();
    Json(json!({"keys": [key]}))
}

/// Sends the browser back with a code at once.
async fn authorize(Shared(state): Shared<Arc<State>>, Query(asked): Query<Parameters>) -> Response {
    let of = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
    let known = of("client_id") == CLIENT_ID && of("response_type") == "code";
    let protected = of("code_challenge_method") == "S256" && !of("nonce").is_empty();
    let openid = of("scope").split(' ').any(|scope| scope == "openid");
    if !known || !protected || !openid {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let (back, returned) = (of("redirect_uri"), of("state"));
    let mut inner = state.inner();
    if inner.misbehaviour == Misbehaviour::Denies {
        return Redirect::to(&format!("{back}?error=access_denied&state={returned}")).into_response();
    }
    let code = unguessable();
    let location = format!("{back}?code={code}&state={returned}&session_state=x");
    inner.codes.insert(code, asked);
    Redirect::to(&location).into_response()
}

/// Exchanges a code, once, for whoever proves to be the client that asked for it.
async fn token(
    Shared(state): Shared<Arc<State>>,
    headers: HeaderMap,
    Form(sent): Form<Parameters>,
) -> Response {
    let of = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
    if !is_client(&headers) {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let mut inner = state.inner();
    let Some(asked) = inner.codes.remove(of("code")) else {
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")));
    let same_place = asked.get("redirect_uri") == sent.get("redirect_uri");
    if asked.get("code_challenge") != Some(&challenge) || !same_place {
        return refusal(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let nonce = asked.get("nonce").cloned().unwrap_or_default();
    let id_token = id_token(&inner, &state.issuer, &nonce);
    Json(json!({"access_token": unguessable(), "token_type": "Bearer", "expires_in": 300, "id_token": id_token}))
        .into_response()
}

fn refusal(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

/// Whether the secret was sent in the header, escaped as RFC 6749, section 2.3.1, says.
fn is_client(headers: &HeaderMap) -> bool {
    let escaped = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric();
        text.bytes()
            .map(|byte| match byte {
                b' ' => "+".to_owned(),
                byte if plain(byte) => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect::<String>()
    };
    let wanted = format!("{}:{}", escaped(CLIENT_ID), escaped(CLIENT_SECRET));
    let sent = headers.get(header::AUTHORIZATION);
    sent.is_some_and(|sent| *sent == format!("Basic {}", STANDARD.encode(wanted)))
}

fn id_token(inner: &Inner, issuer: &str, nonce: &str) -> String {
    let mut claims = inner.claims.clone();
    let wrong = inner.misbehaviour;
    let age = if wrong == Misbehaviour::Expired {
        24 * 60 * 60
    } else {
        0
    };
    let issued = now() - age;
    claims["iss"] = issuer.into();
    claims["aud"] = CLIENT_ID.into();
    claims["iat"] = issued.into();
    claims["exp"] = (issued + 300).into();
    claims["nonce"] = nonce.into();
    match wrong {
        Misbehaviour::WrongNonce => claims["nonce"] = "another".into(),
        Misbehaviour::WrongAudience => claims["aud"] = "another".into(),
        Misbehaviour::WrongIssuer => claims["iss"] = "https://another.example".into(),
        Misbehaviour::Unsigned => return format!("{}.", parts(&json!({"alg": "none"}), &claims)),
        Misbehaviour::SignedWithClientSecret => {
            let signed = parts(&json!({"alg": "HS256"}), &claims);
            return format!(
                "{signed}.{}",
                encoded(&hmac_sha256(CLIENT_SECRET.as_bytes(), signed.as_bytes()))
            );
        }
        Misbehaviour::WrongSignature => {
            let right = inner.key.token(&claims);
            claims["sub"] = "somebody else".into();
            let other = inner.key.token(&claims);
            let (signed, _) = other.rsplit_once('.').unwrap_or_default();
            let (_, signature) = right.rsplit_once('.').unwrap_or_default();
            return format!("{signed}.{signature}");
        }
        _ => {}
    }
    inner.key.token(&claims)
}

/// RFC 2104, for keys that are shorter than a block.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let within = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5c))
        .chain_update(within)
        .finalize()
        .into()
}
