//! How many requests somebody may make: by class of operation, for each user and, where nobody signed in, each address.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    http::{Extensions, HeaderName, HeaderValue, Method},
    response::Response,
};
use ocr_core::{
    clock::Clock,
    memory::MemoryRateLimiter,
    model::{Caller, Credential},
    rate_limiter::{RateDecision, RateLimit, RateLimiter},
};

use super::peer::PeerAddress;

/// What is left (draft-ietf-httpapi-ratelimit-headers-11).
pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What is allowed, by the same draft.
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The period of every limit.
const PERIOD: Duration = Duration::from_mins(1);
/// What searches, or makes many results at once, and takes the server the longest.
const COSTLY: [&str; 4] = [
    "/api/search",
    "/api/tasks/export",
    "/api/tasks/export.csv",
    "/api/account/export",
];
/// Where failures slow whoever tries, by rules of their own.
const SIGN_IN: [&str; 3] = ["/api/sign-in", "/api/set-up", "/api/reset-password"];

/// What is counted: the API, and what asks a store or a provider of sign-ins beside it, for whoever comes.
const COUNTED: [&str; 3] = ["/api/", "/oidc/", "/.well-known/"];

/// What kind of operation a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Read,
    Write,
    Search,
}

impl Class {
    /// The class of a request; nothing for what is not limited here.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        if !COUNTED.iter().any(|counted| path.starts_with(counted)) || SIGN_IN.contains(&path) {
            return None;
        }
        let reads = matches!(*method, Method::GET | Method::HEAD);
        Some(if COSTLY.contains(&path) {
            Self::Search
        } else if reads {
            Self::Read
        } else {
            Self::Write
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Search => "search",
        }
    }
}

/// Requests a minute that one user, or one address where nobody signed in, may make; 0 is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateSettings {
    /// That read.
    pub read: u32,
    /// That send or change something.
    pub write: u32,
    /// That search or export.
    pub search: u32,
}

/// Counts requests, together with other servers where there is a service that they share.
#[derive(Debug)]
pub struct RateGate {
    settings: RateSettings,
    shared: Option<Arc<dyn RateLimiter>>,
    own: MemoryRateLimiter,
    /// Whether the shared one failed last.
    alone: AtomicBool,
}

impl RateGate {
    /// Limits as `settings` say, counted by `shared`, and in this process where there is none or it fails.
    pub fn new(settings: RateSettings, shared: Option<Arc<dyn RateLimiter>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            shared,
            own: MemoryRateLimiter::new(clock),
            alone: AtomicBool::new(false),
        }
    }

    fn limit(&self, class: Class) -> Option<RateLimit> {
        let requests = match class {
            Class::Read => self.settings.read,
            Class::Write => self.settings.write,
            Class::Search => self.settings.search,
        };
        (requests > 0).then(|| RateLimit::new(requests, PERIOD))
    }

    /// Counts a request. A service that cannot be reached lets nobody wait and refuses nobody: this process then counts
    /// for itself.
    pub(super) async fn take(&self, key: &str, limit: RateLimit) -> Option<RateDecision> {
        if let Some(shared) = &self.shared {
            match shared.take(key, limit).await {
                Ok(decision) => {
                    if self.alone.swap(false, Ordering::Relaxed) {
                        tracing::info!("requests are counted together with other servers again");
                    }
                    return Some(decision);
                }
                Err(error) => {
                    if !self.alone.swap(true, Ordering::Relaxed) {
                        tracing::warn!(?error, "requests are counted by this server alone for now");
                    }
                }
            }
        }
        self.own.take(key, limit).await.ok()
    }
}

/// A limit that a request counts against.
#[derive(Debug)]
pub(super) struct Rule {
    /// What it is called in answers.
    pub(super) name: &'static str,
    /// Whose requests are counted together.
    pub(super) key: String,
    pub(super) limit: RateLimit,
}

/// The limits of a request: of the key that it is made with, and of whoever makes it; none on this machine where nobody
/// signs in.
pub(super) fn rules(gate: &RateGate, class: Class, extensions: &Extensions, signs_in: bool) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut subject = None;
    if let Some(Caller::SignedIn(principal)) = extensions.get::<Caller>() {
        if let (Credential::Key(id), Some(requests)) = (principal.credential, principal.requests_per_minute) {
            rules.push(Rule {
                name: "key",
                key: format!("key:{id}"),
                limit: RateLimit::new(requests, PERIOD),
            });
        }
        subject = Some(format!("user:{}", principal.user));
    } else if let Some(peer) = extensions.get::<PeerAddress>()
        && (signs_in || !peer.is_loopback())
    {
        subject = Some(format!("address:{}", peer.network()));
    }
    if let (Some(subject), Some(limit)) = (subject, gate.limit(class)) {
        rules.push(Rule {
            name: class.name(),
            key: format!("{}:{subject}", class.name()),
            limit,
        });
    }
    rules
}

/// Seconds, rounded up.
pub(super) fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// Both fields are lists of structured fields (RFC 9651): names with parameters that are integers.
pub(super) fn tell(response: &mut Response, told: &[(Rule, RateDecision)]) {
    let policies = told.iter().map(|(Rule { name, limit, .. }, _)| {
        format!("\"{name}\";q={};w={}", limit.requests, limit.period.as_secs())
    });
    let left = told.iter().map(|(rule, decision)| {
        let after = if decision.remaining == 0 {
            decision.retry_after
        } else {
            decision.resets_after
        };
        format!("\"{}\";r={};t={}", rule.name, decision.remaining, seconds(after))
    });
    let fields = [
        (RATE_LIMIT_POLICY, policies.collect::<Vec<_>>()),
        (RATE_LIMIT, left.collect()),
    ];
    for (header, items) in fields {
        if items.is_empty() {
            continue;
        }
        if let Ok(value) = HeaderValue::try_from(items.join(", ")) {
            response.headers_mut().insert(header, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use axum::http::HeaderMap;
    use ocr_core::{Error, ErrorKind, Result, clock::ManualClock};

    use super::*;
    use crate::http::peer::TrustedProxies;

    #[test]
    fn operations_have_a_class() {
        for (method, path, class) in [
            (Method::GET, "/api/tasks", Some(Class::Read)),
            (Method::POST, "/api/tasks", Some(Class::Write)),
            (Method::DELETE, "/api/tasks/1", Some(Class::Write)),
            (Method::GET, "/api/search", Some(Class::Search)),
            (Method::GET, "/api/tasks/export.csv", Some(Class::Search)),
            (Method::POST, "/api/tasks/export", Some(Class::Search)),
            (Method::GET, "/api/searches", Some(Class::Read)),
            (Method::POST, "/api/sign-in", None),
            (Method::GET, "/oidc/sign-in", Some(Class::Read)),
            (Method::GET, "/.well-known/jwks.json", Some(Class::Read)),
            (Method::GET, "/assets/page.css", None),
        ] {
            assert_eq!(Class::of(&method, path), class, "{method} {path}");
        }
    }

    #[test]
    fn the_fields_are_those_of_the_draft() {
        let rule = |name, requests| Rule {
            name,
            key: String::new(),
            limit: RateLimit::new(requests, PERIOD),
        };
        let told = |rules: Vec<(Rule, Duration)>| {
            let mut response = Response::default();
            let decided = rules.into_iter().map(|(rule, taken_for)| {
                let decision = RateDecision::of(rule.limit, taken_for);
                (rule, decision)
            });
            tell(&mut response, &decided.collect::<Vec<_>>());
            [RATE_LIMIT_POLICY, RATE_LIMIT].map(|header| {
                let value = response.headers().get(header);
                value
                    .map(|value| value.to_str().unwrap().to_owned())
                    .unwrap_or_default()
            })
        };
        assert_eq!(
            told(vec![(rule("read", 60), Duration::from_millis(9_500))]),
            ["\"read\";q=60;w=60", "\"read\";r=49;t=11"]
        );
        assert_eq!(
            told(vec![
                (rule("key", 60), PERIOD),
                (rule("write", 30), Duration::ZERO)
            ]),
            [
                "\"key\";q=60;w=60, \"write\";q=30;w=60",
                "\"key\";r=0;t=1, \"write\";r=29;t=2"
            ]
        );
        assert_eq!(told(Vec::new()), ["", ""]);
    }

    #[test]
    fn addresses_of_one_network_are_counted_together() {
        let settings = RateSettings {
            read: 1,
            write: 1,
            search: 1,
        };
        let gate = RateGate::new(settings, None, Arc::new(ManualClock::default()));
        let key = |address: &str| {
            let mut extensions = Extensions::new();
            let address = address.parse().unwrap();
            extensions.insert(PeerAddress::of(
                address,
                &HeaderMap::new(),
                &TrustedProxies::default(),
            ));
            rules(&gate, Class::Read, &extensions, true).remove(0).key
        };
        assert_eq!(key("2001:db8::1"), key("2001:db8::2"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    /// A service that is gone.
    #[derive(Debug)]
    struct Gone;

    #[async_trait]
    impl RateLimiter for Gone {
        fn name(&self) -> &'static str {
            "gone"
        }

        async fn take(&self, _key: &str, _limit: RateLimit) -> Result<RateDecision> {
            Err(Error::new(ErrorKind::Unavailable, "gone"))
        }
    }

    #[tokio::test]
    async fn without_the_shared_service_this_process_counts() {
        let settings = RateSettings {
            read: 2,
            write: 0,
            search: 1,
        };
        let gate = RateGate::new(settings, Some(Arc::new(Gone)), Arc::new(ManualClock::default()));
        assert_eq!(gate.limit(Class::Write), None, "0 is no limit");
        let limit = gate.limit(Class::Read).unwrap();
        let mut allowed = Vec::new();
        for _ in 0..3 {
            allowed.push(gate.take("user:1", limit).await.unwrap().allowed);
        }
        assert_eq!(allowed, [true, true, false]);
        assert!(gate.take("user:2", limit).await.unwrap().allowed);
    }
}
