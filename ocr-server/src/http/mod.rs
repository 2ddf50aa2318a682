//! The HTTP API, the WebSocket and the health server.

mod api;
mod archive;
mod audit;
mod body;
mod caller;
mod clients;
mod connection_permit;
mod cookie;
mod error;
mod guard;
mod health;
mod listen;
mod peer;
mod problem;
mod query;
mod rate_gate;
mod rate_limit;
mod redirect;
mod request;
mod router;
mod routes;
mod site;
mod standing;
mod starting;
mod state;
mod tls;

pub use health::health_router;
pub use listen::{bind, serve};
pub use peer::TrustedProxies;
pub use rate_gate::{RateGate, RateSettings};
pub use redirect::redirect_router;
pub use router::{openapi, router};
pub use site::Site;
pub use starting::{starting_health_router, starting_router};
pub use state::{AppState, HttpSettings, Spool};
pub use tls::{Tls, TlsFiles};
