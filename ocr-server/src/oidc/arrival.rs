//! What ties a browser that comes back from a provider to the one that was sent there: a secret in a cookie of its own,
//! from which state, nonce and PKCE verifier follow. The server keeps nothing, so nobody can fill it.

use std::time::Duration;

use ocr_core::{clock::Timestamp, digest::sha256_hex, service::Secret};

/// How long somebody may take to sign in at the provider: 10 minutes.
pub(crate) const ARRIVAL_LIFETIME: Duration = Duration::from_mins(10);
/// Maximum number of characters of the place on the page that is shown after the sign-in.
const MAX_NEXT: usize = 500;
/// What is shown when no place was named.
const HOME: &str = "/documents";

/// A sign-in that was begun.
#[derive(Debug)]
pub(crate) struct Arrival {
    secret: Secret,
    /// When, in seconds since 1970.
    begun: i64,
    next: String,
}

impl Arrival {
    /// One that begins `now`, and goes on at `next`, a place on the page.
    pub(crate) fn begin(secret: Secret, now: Timestamp, next: Option<&str>) -> Self {
        Self {
            secret,
            begun: now.timestamp(),
            next: place(next),
        }
    }

    /// What the cookie holds.
    pub(crate) fn written(&self) -> String {
        format!("{}.{}.{}", self.secret.expose(), self.begun, self.next)
    }

    /// The sign-in of a cookie, unless it is too old or none.
    pub(crate) fn read(cookie: &str, now: Timestamp) -> Option<Self> {
        let (secret, rest) = cookie.split_once('.')?;
        let (begun, next) = rest.split_once('.')?;
        let secret = Secret::sent(secret).ok()?;
        let begun: i64 = begun.parse().ok()?;
        let age = u64::try_from(now.timestamp().checked_sub(begun)?).ok()?;
        (age <= ARRIVAL_LIFETIME.as_secs()).then(|| Self {
            secret,
            begun,
            next: place(Some(next)),
        })
    }

    /// Where the page goes on: what follows `#` in its address.
    pub(crate) fn next(&self) -> &str {
        &self.next
    }

    /// What the provider gives back with the browser.
    pub(crate) fn state(&self) -> String {
        self.derived("state")
    }

    /// What the token of the provider repeats.
    pub(crate) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What proves to the provider that whoever has the code has begun the sign-in.
    pub(crate) fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// 64 hex digits from which neither the secret follows nor the others.
    fn derived(&self, purpose: &str) -> String {
        sha256_hex(format!("oidc {purpose} {} {}", self.begun, self.secret.expose()))
    }
}

/// A place on the page: a path and a query, which fit into a cookie. Anything else, such as another site, is the start.
/// It is only ever written behind the `#` of an address of our own.
fn place(next: Option<&str>) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~?=&%:+".contains(&byte);
    next.filter(|next| next.starts_with('/') && !next.starts_with("//"))
        .filter(|next| next.len() <= MAX_NEXT && next.bytes().all(fits))
        .unwrap_or(HOME)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use ocr_core::clock::later;

    use super::*;

    fn arrival(next: Option<&str>) -> Arrival {
        Arrival::begin(Secret::sent("s3cret-").unwrap(), Timestamp::default(), next)
    }

    #[test]
    fn a_browser_comes_back_within_ten_minutes() {
        let begun = arrival(Some("/search?q=a.b%20c"));
        let read = |cookie: &str, seconds| {
            Arrival::read(cookie, later(Timestamp::default(), Duration::from_secs(seconds)))
        };
        let back = read(&begun.written(), 600).unwrap();
        assert_eq!(back.next(), "/search?q=a.b%20c");
        assert_eq!(back.state(), begun.state());
        assert!(read(&begun.written(), 601).is_none());
        for odd in [
            "",
            "s3cret-",
            "s3cret-.0",
            "s3cret-.x./",
            ".0./",
            "s3 cret.0./",
            "s.9999999999./",
        ] {
            assert!(read(odd, 0).is_none(), "{odd}");
        }
        let sooner = read("s3cret-.1./", 2).unwrap();
        assert_ne!(sooner.state(), begun.state(), "the time is part of it");
    }

    #[test]
    fn what_is_derived_differs_and_tells_nothing() {
        let begun = arrival(None);
        let derived = [begun.state(), begun.nonce(), begun.verifier()];
        assert!(derived.iter().all(|text| text.len() == 64));
        assert!(derived[0] != derived[1] && derived[1] != derived[2] && derived[0] != derived[2]);
        assert!(!format!("{begun:?}").contains("s3cret-"));
    }

    #[test]
    fn the_page_goes_on_at_a_place_of_its_own() {
        assert_eq!(arrival(Some("/search?q=x")).next(), "/search?q=x");
        let long = format!("/{}", "x".repeat(500));
        for other in [
            "https://evil.example",
            "//evil.example",
            "\\\\evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a;b",
            "/a\r\nset-cookie: x",
            "/ä",
            "",
            &long,
        ] {
            assert_eq!(arrival(Some(other)).next(), HOME, "{other}");
        }
        assert_eq!(arrival(None).next(), HOME);
    }
}
