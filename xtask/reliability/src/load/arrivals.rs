//! When requests are sent: decided before, by a seed, whatever the server does. A client that waits for an answer
//! before it sends the next request would measure its own patience (coordinated omission).

use std::time::Duration;

use fastrand::Rng;

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Operation {
    /// A document is sent.
    Upload,
    /// The first page of the list of tasks.
    List,
    /// A signed URL is asked for, and the file behind it.
    SignedUrl,
    /// One of the sockets that are open asks whether the server is there.
    Ping,
    /// Not a request: from the time a document should have been sent to the event that it was read.
    Reading,
}

impl Operation {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Upload,
        Self::List,
        Self::SignedUrl,
        Self::Ping,
        Self::Reading,
    ];

    /// How it is called in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::List => "list",
            Self::SignedUrl => "signed URL and file",
            Self::Ping => "ping on a socket",
            Self::Reading => "upload until read",
        }
    }
}

/// A request to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arrival {
    /// When, from the beginning.
    pub(crate) at: Duration,
    /// What.
    pub(crate) operation: Operation,
    /// Which of several things to ask for.
    pub(crate) which: usize,
}

/// Arrivals at random (Poisson) for `length`, in order. `rates` are requests a second.
pub(crate) fn schedule(seed: u64, length: Duration, rates: &[(Operation, f64)]) -> Vec<Arrival> {
    let mut random = Rng::with_seed(seed);
    let mut arrivals = Vec::new();
    for &(operation, rate) in rates {
        let mut at = gap(rate, &mut random);
        while at < length.as_secs_f64() {
            arrivals.push(Arrival {
                at: Duration::from_secs_f64(at),
                operation,
                which: random.usize(..1_000_000),
            });
            at += gap(rate, &mut random);
        }
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

/// Seconds until the next one; none ever comes at a rate of 0.
fn gap(rate: f64, random: &mut Rng) -> f64 {
    -(1.0 - random.f64()).ln() / rate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_have_their_rate_and_their_order() {
        let length = Duration::from_secs(100);
        let rates = [(Operation::List, 20.0), (Operation::Upload, 0.0)];
        let arrivals = schedule(4, length, &rates);
        assert_eq!(arrivals, schedule(4, length, &rates));
        assert!((1800..2200).contains(&arrivals.len()), "{}", arrivals.len());
        assert!(arrivals.is_sorted_by_key(|arrival| arrival.at));
        assert!(
            arrivals
                .iter()
                .all(|arrival| arrival.operation == Operation::List)
        );
    }
}
