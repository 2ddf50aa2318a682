//! Which fault comes when: all of it follows from the seed.

use std::time::Duration;

use fastrand::Rng;

/// How long nothing is broken at the beginning.
const QUIET: Duration = Duration::from_secs(3);

/// What the processes use over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Service {
    /// The store.
    Postgres,
    /// The queue and the notifier.
    Redis,
    /// The blob store.
    Blobs,
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `kill -9` of a worker, and of a server that is one too.
    KillWorker,
    /// `kill -9` of an API server.
    KillServer,
    /// `kill -9` of the listener.
    KillListener,
    /// `kill -9` of a process that reads a page.
    KillPageProcess,
    /// A worker is frozen until its lease is over, and wakes up.
    FreezeWorker,
    /// An API server is frozen.
    FreezeServer,
    /// All processes of Postgres are frozen.
    FreezePostgres,
    /// Redis is frozen.
    FreezeRedis,
    /// `kill -9` of a backend: Postgres breaks off all others and recovers.
    CrashPostgres,
    /// `pg_terminate_backend` of all connections.
    TerminateBackends,
    /// `FLUSHALL`.
    FlushRedis,
    /// `kill -9` of Redis, which comes back with nothing.
    RestartRedis,
    /// The disk of the data has no room left.
    FillDisk,
    /// The clock of a worker or a server is an hour ahead, and is set right again.
    ClockAhead,
    /// The same, an hour behind.
    ClockBehind,
    /// Connections to a service are broken and refused.
    Cut(Service),
    /// Connections to a service stay, and nothing passes.
    Silence(Service),
    /// Each piece on the way to or from a service is held up.
    Slow(Service),
}

impl Kind {
    /// How it is called in reports.
    pub(crate) fn name(self) -> String {
        let service = |service| match service {
            Service::Postgres => "Postgres",
            Service::Redis => "Redis",
            Service::Blobs => "S3",
        };
        match self {
            Self::KillWorker => "kill -9 worker".into(),
            Self::KillServer => "kill -9 server".into(),
            Self::KillListener => "kill -9 listener".into(),
            Self::KillPageProcess => "kill -9 page process".into(),
            Self::FreezeWorker => "SIGSTOP worker beyond its lease".into(),
            Self::FreezeServer => "SIGSTOP server".into(),
            Self::FreezePostgres => "SIGSTOP Postgres".into(),
            Self::FreezeRedis => "SIGSTOP Redis".into(),
            Self::CrashPostgres => "kill -9 backend of Postgres".into(),
            Self::TerminateBackends => "pg_terminate_backend, all".into(),
            Self::FlushRedis => "FLUSHALL".into(),
            Self::RestartRedis => "kill -9 Redis, empty after".into(),
            Self::FillDisk => "disk full".into(),
            Self::ClockAhead => "clock an hour ahead".into(),
            Self::ClockBehind => "clock an hour behind".into(),
            Self::Cut(at) => format!("network to {} cut", service(at)),
            Self::Silence(at) => format!("network to {} silent", service(at)),
            Self::Slow(at) => format!("network to {} slow", service(at)),
        }
    }

    /// Whether a process is killed.
    pub(crate) fn is_kill(self) -> bool {
        matches!(
            self,
            Self::KillWorker
                | Self::KillServer
                | Self::KillListener
                | Self::KillPageProcess
                | Self::CrashPostgres
                | Self::RestartRedis
        )
    }

    /// How long it lasts: of these milliseconds, the minimum and the maximum.
    fn duration(self) -> (u64, u64) {
        match self {
            Self::KillWorker | Self::KillServer | Self::KillListener => (0, 1500),
            Self::KillPageProcess | Self::CrashPostgres | Self::TerminateBackends | Self::FlushRedis => {
                (0, 0)
            }
            // The lease of these runs is 4 s.
            Self::FreezeWorker => (5000, 9000),
            Self::FreezePostgres | Self::FreezeRedis => (1000, 8000),
            Self::RestartRedis => (0, 1000),
            Self::FreezeServer | Self::Cut(_) => (500, 4000),
            Self::Silence(_) | Self::Slow(_) => (1000, 6000),
            Self::FillDisk => (2000, 5000),
            // Beyond a lease, so that nobody may think that one is over, or that one never is.
            Self::ClockAhead | Self::ClockBehind => (2000, 9000),
        }
    }
}

/// A fault to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// When, from the beginning.
    pub(crate) at: Duration,
    /// What.
    pub(crate) kind: Kind,
    /// Which of several, by remainder.
    pub(crate) target: usize,
    /// For how long.
    pub(crate) lasts: Duration,
}

/// Kinds for the standard profile, each as often as it comes up in a round.
pub(crate) fn standard_deck() -> Vec<Kind> {
    let services = [Service::Postgres, Service::Redis, Service::Blobs];
    let mut deck = vec![
        Kind::KillListener,
        Kind::FreezeWorker,
        Kind::FreezeWorker,
        Kind::FreezeServer,
        Kind::FreezePostgres,
        Kind::FreezeRedis,
        Kind::CrashPostgres,
        Kind::TerminateBackends,
        Kind::FlushRedis,
        Kind::RestartRedis,
    ];
    deck.extend([Kind::KillWorker; 5]);
    deck.extend([Kind::KillServer; 2]);
    deck.extend([Kind::KillPageProcess; 3]);
    for service in services {
        deck.extend([Kind::Cut(service), Kind::Silence(service), Kind::Slow(service)]);
    }
    deck
}

/// Kinds for one process that is everything.
pub(crate) fn embedded_deck() -> Vec<Kind> {
    // While it is frozen nothing else can happen to it: that comes seldom.
    let mut deck = vec![Kind::KillWorker; 8];
    deck.extend([Kind::KillPageProcess; 4]);
    deck.extend([Kind::FreezeWorker, Kind::FillDisk]);
    deck
}

/// The same deck with clocks that step.
pub(crate) fn with_clocks(mut deck: Vec<Kind>) -> Vec<Kind> {
    deck.extend([Kind::ClockAhead; 3]);
    deck.extend([Kind::ClockBehind; 3]);
    deck
}

/// Faults for `length`, one each `gap` on average. Every kind of the deck comes before any comes again.
pub(crate) fn schedule(seed: u64, deck: &[Kind], length: Duration, gap: Duration) -> Vec<Fault> {
    let mut random = Rng::with_seed(seed);
    let mut faults = Vec::new();
    let mut round: Vec<Kind> = Vec::new();
    let mut at = QUIET;
    while at < length && !deck.is_empty() {
        if round.is_empty() {
            round = deck.to_vec();
            random.shuffle(&mut round);
        }
        let Some(kind) = round.pop() else { break };
        let (minimum, maximum) = kind.duration();
        faults.push(Fault {
            at,
            kind,
            target: random.usize(..1000),
            lasts: Duration::from_millis(random.u64(minimum..=maximum)),
        });
        at += gap.mul_f64(0.5 + random.f64());
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);
    const GAP: Duration = Duration::from_secs(1);

    #[test]
    fn a_seed_repeats_its_faults_and_another_one_does_not() {
        let faults = |seed| schedule(seed, &standard_deck(), MINUTE, GAP);
        assert_eq!(faults(5), faults(5));
        assert_ne!(faults(5), faults(6));
    }

    #[test]
    fn every_kind_comes_within_a_round() {
        for deck in [standard_deck(), embedded_deck(), with_clocks(embedded_deck())] {
            let faults = schedule(9, &deck, 10 * MINUTE, GAP);
            let first: Vec<Kind> = faults.iter().take(deck.len()).map(|fault| fault.kind).collect();
            assert!(deck.iter().all(|kind| first.contains(kind)));
        }
    }

    #[test]
    fn faults_come_in_order_and_within_the_time() {
        let faults = schedule(3, &standard_deck(), MINUTE, GAP);
        assert!(faults.is_sorted_by_key(|fault| fault.at));
        assert!((40..80).contains(&faults.len()), "{}", faults.len());
        assert!(faults.iter().all(|fault| fault.at >= QUIET && fault.at < MINUTE));
        let zombie = faults
            .iter()
            .find(|fault| fault.kind == Kind::FreezeWorker)
            .unwrap();
        assert!(zombie.lasts > Duration::from_secs(4));
    }

    #[test]
    fn nothing_to_do_is_no_endless_loop() {
        assert!(schedule(1, &[], MINUTE, GAP).is_empty());
    }
}
