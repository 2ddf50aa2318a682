//! The network address of whoever sent a request.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use axum::http::HeaderMap;

use super::connection_permit::network_of;

/// What proxies add the address to from which a request came to them.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Proxies in front of the server whose `X-Forwarded-For` is believed. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Arc<[IpAddr]>);

impl TrustedProxies {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for TrustedProxies {
    type Err = String;

    /// IP addresses between commas; none in an empty text.
    fn from_str(text: &str) -> Result<Self, String> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let address = |word: &str| {
            let parsed = word.parse::<IpAddr>().map(|address| address.to_canonical());
            parsed.map_err(|_| format!("{word} is not an IP address"))
        };
        words.map(address).collect::<Result<_, _>>().map(Self)
    }
}

/// The address of the client: at the other end of the connection, or, where that is a trusted proxy, the one that it
/// names. What anybody else says of themselves in `X-Forwarded-For` is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PeerAddress(IpAddr);

impl PeerAddress {
    /// The last address that is not of a trusted proxy: `connected`, or in what the proxies added to `headers`. IPv4 as
    /// such.
    pub(super) fn of(connected: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> Self {
        let mut known = connected.to_canonical();
        // Each proxy adds where it was asked from at the end: before the last stranger, everything may be made up.
        let named = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .rev()
            .flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for word in named {
            if !proxies.trusts(known) {
                break;
            }
            let Ok(address) = word.trim().parse::<IpAddr>() else {
                break;
            };
            known = address.to_canonical();
        }
        Self(known)
    }

    /// What is counted as one address.
    pub(super) fn network(self) -> IpAddr {
        network_of(self.0)
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

impl std::fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn peer(connected: &str, forwarded: &[&'static str], proxies: &str) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        let connected: IpAddr = connected.parse().unwrap();
        let proxies: TrustedProxies = proxies.parse().unwrap();
        PeerAddress::of(connected, &headers, &proxies).to_string()
    }

    #[test]
    fn nobody_is_believed_but_the_proxies_that_are_named() {
        assert_eq!(peer("192.0.2.1", &["203.0.113.9"], ""), "192.0.2.1");
        assert_eq!(peer("192.0.2.1", &["203.0.113.9"], "192.0.2.2"), "192.0.2.1");
        assert_eq!(peer("192.0.2.1", &["203.0.113.9"], "192.0.2.1"), "203.0.113.9");
        assert_eq!(
            peer("::ffff:192.0.2.1", &["203.0.113.9"], "192.0.2.1"),
            "203.0.113.9"
        );
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_proxy() {
        let proxies = "192.0.2.1, 2001:db8::1";
        assert_eq!(
            peer("192.0.2.1", &["1.1.1.1, 203.0.113.9"], proxies),
            "203.0.113.9"
        );
        assert_eq!(
            peer("192.0.2.1", &["1.1.1.1, 203.0.113.9,2001:db8::1"], proxies),
            "203.0.113.9"
        );
        assert_eq!(
            peer("192.0.2.1", &["1.1.1.1", "203.0.113.9, 2001:db8::1"], proxies),
            "203.0.113.9"
        );
        assert_eq!(peer("192.0.2.1", &[], proxies), "192.0.2.1");
        assert_eq!(peer("192.0.2.1", &["1.1.1.1, unknown"], proxies), "192.0.2.1");
        assert_eq!(peer("192.0.2.1", &["2001:db8::1"], proxies), "2001:db8::1");
    }

    #[test]
    fn proxies_are_addresses() {
        assert_eq!("".parse::<TrustedProxies>(), Ok(TrustedProxies::default()));
        for odd in ["proxy.example", "10.0.0.0/8", "10.0.0.1 10.0.0.2"] {
            assert!(odd.parse::<TrustedProxies>().is_err(), "{odd}");
        }
    }
}
