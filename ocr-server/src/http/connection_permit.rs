//! The permit of an open connection.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Counts a connection among those that are open. Every request carries it: what goes on with the
/// connection after the answer, as a WebSocket does, keeps it.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionPermit(
    #[expect(dead_code, reason = "held, never read")]
    Arc<(OwnedSemaphorePermit, OfAddress, TaskTrackerToken)>,
);

impl ConnectionPermit {
    /// Of a connection that is one of a limited number, in all and from its address, and that a shutdown
    /// waits for.
    pub(super) fn new(
        permit: OwnedSemaphorePermit,
        address: OfAddress,
        waited_for: TaskTrackerToken,
    ) -> Self {
        Self(Arc::new((permit, address, waited_for)))
    }
}

/// How many connections each address has.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    maximum: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Addresses {
    /// No connections yet, and at most `maximum` from one address.
    pub(super) fn new(maximum: usize) -> Self {
        Self {
            maximum,
            open: Arc::default(),
        }
    }

    /// Counts a connection from `address`; `None` when it has as many as it may have.
    pub(super) fn enter(&self, address: IpAddr) -> Option<OfAddress> {
        let address = network_of(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.maximum {
            return None;
        }
        *count += 1;
        drop(open);
        Some(OfAddress {
            address,
            addresses: self.clone(),
        })
    }
}

/// One of the connections of an address, for as long as this lives.
#[derive(Debug)]
pub(super) struct OfAddress {
    address: IpAddr,
    addresses: Addresses,
}

impl Drop for OfAddress {
    fn drop(&mut self) {
        let mut open = self.addresses.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// What counts as one address: of IPv6 the first half, all of whose addresses one machine can have.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_connections_and_no_more() {
        let addresses = Addresses::new(2);
        let enter = |address: &str| addresses.enter(address.parse().unwrap());
        let first = enter("192.0.2.1").unwrap();
        let _second = enter("::ffff:192.0.2.1").unwrap();
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some(), "another address is not affected");
        drop(first);
        assert!(enter("192.0.2.1").is_some());
        let _six = [enter("2001:db8::1").unwrap(), enter("2001:db8::2").unwrap()];
        assert!(enter("2001:db8::3").is_none(), "one network");
        assert!(enter("2001:db8:0:1::3").is_some());
    }

    #[test]
    fn addresses_without_connections_are_forgotten() {
        let addresses = Addresses::new(1);
        drop(addresses.enter([127, 0, 0, 1].into()).unwrap());
        assert!(addresses.open.lock().unwrap().is_empty());
    }
}
