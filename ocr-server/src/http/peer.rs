//! The network address of whoever sent a request.

use std::net::IpAddr;

/// The address at the other end of the connection: of the client, or of a proxy before us. What a request says of
/// itself, as in `X-Forwarded-For`, is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerAddress(IpAddr);

impl PeerAddress {
    /// The address `address`, IPv4 as such.
    pub(super) fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }
}

impl std::fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
