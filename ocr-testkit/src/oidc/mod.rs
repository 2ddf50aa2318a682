//! A provider of sign-ins for tests: OpenID Connect over HTTP, with real keys and signatures. Whoever is sent to it is
//! signed in at once as whomever the test has set.

mod keys;
mod server;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ocr_core::{
    clock::{Clock, SystemClock},
    id::{IdGenerator, RandomIds},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use self::keys::SigningKey;

/// Name of the client that the provider knows.
pub const CLIENT_ID: &str = "ocr";
/// Its secret. It has characters that must be escaped.
pub const CLIENT_SECRET: &str = "s3cret: 100%";

/// What the provider does wrong, for one sign-in after another until it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// Nothing.
    #[default]
    None,
    /// Its tokens repeat another nonce than they should.
    WrongNonce,
    /// Its tokens are of yesterday.
    Expired,
    /// Its tokens are not signed, and say so.
    Unsigned,
    /// Its tokens are signed with the secret of the client.
    SignedWithClientSecret,
    /// Its tokens are for another client.
    WrongAudience,
    /// Its tokens name another provider.
    WrongIssuer,
    /// Its tokens have a signature of something else.
    WrongSignature,
    /// It refuses whoever wants to sign in.
    Denies,
}

/// A provider of sign-ins on this machine. It ends when dropped.
#[derive(Debug)]
pub struct OidcProvider {
    state: Arc<State>,
    serving: JoinHandle<()>,
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What the provider knows.
#[derive(Debug)]
struct State {
    issuer: String,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    key: Arc<SigningKey>,
    claims: Value,
    misbehaviour: Misbehaviour,
    /// What was asked for with each code that was not exchanged yet.
    codes: HashMap<String, HashMap<String, String>>,
}

impl State {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OidcProvider {
    /// A provider with an RSA key, at which somebody called `1` signs in.
    ///
    /// # Panics
    /// When there is no port, or no key can be made.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("the port has an address");
        let state = Arc::new(State {
            issuer: format!("http://{address}"),
            inner: Mutex::new(Inner {
                key: Arc::new(SigningKey::rsa()),
                claims: json!({"sub": "1"}),
                misbehaviour: Misbehaviour::None,
                codes: HashMap::new(),
            }),
        });
        let router = server::router(Arc::clone(&state));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { state, serving }
    }

    /// Its name.
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// Whoever signs in from now on: `sub` and what else its tokens say of them.
    pub fn sign_in_as(&self, claims: Value) {
        self.state.inner().claims = claims;
    }

    /// What it does wrong from now on.
    pub fn misbehave(&self, misbehaviour: Misbehaviour) {
        self.state.inner().misbehaviour = misbehaviour;
    }

    /// Signs with a new key from now on, an Ed25519 one; the old one is not published any more.
    ///
    /// # Panics
    /// When no key can be made.
    pub fn rotate(&self) {
        let key = Arc::new(SigningKey::ed25519());
        self.state.inner().key = key;
    }
}

/// The time of this machine, in seconds since 1970.
fn now() -> i64 {
    SystemClock.now().timestamp()
}

/// Something that nobody guesses.
fn unguessable() -> String {
    RandomIds.next().to_string()
}
