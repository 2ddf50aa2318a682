//! What every handler can reach.

use std::{path::PathBuf, sync::Arc};

use axum::extract::FromRef;
use ocr_adapters::DiskRoom;
use ocr_core::{
    clock::Timestamp,
    service::{AccountService, OcrService},
};
use tokio_util::sync::CancellationToken;

use super::{rate_gate::RateGate, site::Site};
use crate::oidc::Oidc;

/// What every handler can reach. Cheap to clone.
#[derive(Debug, Clone, FromRef)]
pub struct AppState {
    /// The use cases.
    pub service: OcrService,
    /// How the server was set up.
    pub settings: Arc<HttpSettings>,
    /// The use cases of accounts, where people have to sign in.
    pub accounts: Option<AccountService>,
    /// The provider that people sign in with, where they do.
    pub oidc: Option<Arc<Oidc>>,
    /// How many requests somebody may make.
    pub rate: Arc<RateGate>,
    /// Cancelled when the server stops; open connections then say goodbye.
    pub shutdown: CancellationToken,
}

/// A directory for uploads whose owner is not known yet.
#[derive(Debug, Clone)]
pub struct Spool {
    /// The directory.
    pub folder: PathBuf,
    /// The room on its disk.
    pub room: DiskRoom,
}

/// How the HTTP side was set up.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Address under which clients reach the server, for links; from each request when absent.
    pub public_url: Option<String>,
    /// The site of that address.
    pub site: Option<Site>,
    /// Whether the server has TLS itself.
    pub tls: bool,
    /// Whether other machines may use the server.
    pub public: bool,
    /// Where uploads wait whose owner is not known yet.
    pub spool: Spool,
    /// TCP ports of this machine on which the page may be.
    pub page_ports: [u16; 2],
    /// When the server started.
    pub started_at: Timestamp,
}
