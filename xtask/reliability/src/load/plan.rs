//! What a load is asked for.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::arrivals::Operation;
use crate::arguments::Arguments;

/// Other requests for each upload: lists, signed URLs, pings.
const OTHERS: [(Operation, f64); 3] = [
    (Operation::List, 10.0),
    (Operation::SignedUrl, 4.0),
    (Operation::Ping, 10.0),
];
/// Sockets that are held open, unless said otherwise.
const SOCKETS: u64 = 200;
/// Seconds and uploads a second, unless said otherwise.
const USUAL: (u64, f64) = (60, 1.0);
/// The same of a soak.
const SOAK: (u64, f64) = (1800, 0.2);
/// WebSockets of a soak beside those of the requests, unless said otherwise.
const CLIENTS: u64 = 5000;

/// What is sent, for how long, and beside what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Repeats it.
    pub(super) seed: u64,
    /// For how long.
    pub(super) length: Duration,
    /// Sockets that are asked now and then.
    pub(super) sockets: usize,
    /// Clients of a soak, if it is one.
    pub(super) soak: Option<usize>,
    /// Where the picture goes.
    pub(super) plot: Option<String>,
    /// The server.
    pub(super) program: String,
    /// Uploads a second.
    uploads: f64,
}

impl Plan {
    /// What `arguments` ask for, all of them.
    pub(super) fn of(arguments: &mut Arguments) -> Result<Self> {
        let is_soak = arguments.flag("--soak");
        let clients = arguments.number("--clients")?;
        if clients.is_some() && !is_soak {
            bail!("--clients are those of a --soak");
        }
        let (seconds, uploads) = if is_soak { SOAK } else { USUAL };
        let rate = arguments
            .text("--uploads")?
            .map(|rate| rate.parse::<f64>())
            .transpose()?;
        let soak = is_soak.then_some(clients.unwrap_or(CLIENTS));
        let plan = Self {
            seed: arguments.seed()?,
            sockets: usize::try_from(arguments.number("--sockets")?.unwrap_or(SOCKETS))?,
            soak: soak.map(usize::try_from).transpose()?,
            plot: arguments.text("--plot")?,
            program: arguments
                .text("--program")?
                .context("which server? --program PATH")?,
            // What is left is no value of an option.
            length: Duration::from_secs(match arguments.word() {
                Some(word) => word.parse()?,
                None => seconds,
            }),
            uploads: rate.unwrap_or(uploads),
        };
        arguments.end()?;
        Ok(plan)
    }

    /// Requests a second.
    pub(super) fn rates(&self) -> Vec<(Operation, f64)> {
        let others = OTHERS.map(|(operation, rate)| (operation, rate * self.uploads));
        let mut rates: Vec<(Operation, f64)> = others.into();
        rates.push((Operation::Upload, self.uploads));
        if self.sockets == 0 {
            rates.retain(|(operation, _)| *operation != Operation::Ping);
        }
        rates
    }

    /// One line about it.
    pub(super) fn title(&self) -> String {
        let clients = match self.soak {
            Some(clients) => format!(", {clients} WebSockets beside them, a tenth of which never read"),
            None => String::new(),
        };
        format!(
            "{} s, {} uploads a second, {} sockets{clients}, --seed {}",
            self.length.as_secs(),
            self.uploads,
            self.sockets,
            self.seed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan> {
        let words = text.split_whitespace().map(ToOwned::to_owned);
        Plan::of(&mut Arguments::new(words))
    }

    #[test]
    fn a_soak_is_longer_and_has_more_clients() {
        let load = plan("--program server --seed 7 90").unwrap();
        assert_eq!((load.length.as_secs(), load.soak, load.sockets), (90, None, 200));
        let soak = plan("--program server --soak").unwrap();
        assert_eq!((soak.length.as_secs(), soak.soak), (1800, Some(5000)));
        assert_eq!(plan("--program server --soak --clients 9").unwrap().soak, Some(9));
        assert!(soak.title().contains("5000 WebSockets"), "{}", soak.title());
        assert!(plan("--program server --clients 9").is_err());
        assert!(plan("--soak").is_err() && plan("--program server --sock").is_err());
    }

    #[test]
    fn without_sockets_nobody_pings() {
        let pings = |text| {
            let rates = plan(text).unwrap().rates();
            rates.iter().any(|(operation, _)| *operation == Operation::Ping)
        };
        assert!(pings("--program server"));
        assert!(!pings("--program server --sockets 0"));
    }
}
