//! Which request a piece of work belongs to, from the client to the page that is read.
//!
//! A [`TraceContext`] is the `traceparent` of [W3C Trace Context](https://www.w3.org/TR/trace-context/). Whoever
//! serves a request runs it [within](TraceContext::within) the context that came with it; what the
//! request puts into the queue carries it on, and the worker reads within it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, id::IdGenerator};

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// The `traceparent` of a piece of work: `00-<trace, 32 hex digits>-<parent, 16>-<flags, 2>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceContext {
    trace: u128,
    parent: u64,
    flags: u8,
}

impl TraceContext {
    /// Length of a `traceparent` in bytes.
    pub const LEN: usize = 55;

    /// The beginning of a trace of its own, not sampled, with identities from `ids`.
    pub fn begin(ids: &dyn IdGenerator) -> Self {
        let (trace, parent) = (ids.next().as_u128(), ids.next().as_u128());
        Self {
            trace: trace.max(1),
            // The random half of an id.
            parent: (parent as u64).max(1),
            flags: 0,
        }
    }

    /// The context that the present task runs within, if it does.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(|current| *current).ok()
    }

    /// Runs `work` within this context. Tasks that it spawns run within none, unless it says so.
    pub async fn within<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The trace as 32 hex digits, to find all that belongs together in a log.
    pub fn trace_id(self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{:032x}-{:016x}-{:02x}",
            self.trace, self.parent, self.flags
        )
    }
}

impl FromStr for TraceContext {
    type Err = Error;

    /// Reads version 00, and of a later version what version 00 has.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the traceparent cannot be read"))
    }
}

fn parse(text: &str) -> Option<TraceContext> {
    let is_plain = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let mut parts = text.split('-');
    let mut part = |length: usize| parts.next().filter(|part| part.len() == length && is_plain(part));
    let version = part(2)?;
    let context = TraceContext {
        trace: u128::from_str_radix(part(32)?, 16).ok()?,
        parent: u64::from_str_radix(part(16)?, 16).ok()?,
        flags: u8::from_str_radix(part(2)?, 16).ok()?,
    };
    let longer = parts.next().is_some();
    let known = version != "ff" && (version != "00" || !longer);
    (known && context.trace != 0 && context.parent != 0).then_some(context)
}

impl TryFrom<String> for TraceContext {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<TraceContext> for String {
    fn from(context: TraceContext) -> Self {
        context.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RandomIds;

    const TEXT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_is_read_and_written() {
        let context: TraceContext = TEXT.parse().unwrap();
        assert_eq!(context.to_string(), TEXT);
        assert_eq!(context.to_string().len(), TraceContext::LEN);
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        let own = TraceContext::begin(&RandomIds);
        assert_eq!(own.to_string().parse::<TraceContext>().unwrap(), own);
        let later = format!("01{}-more", &TEXT[2..]);
        assert_eq!(later.parse::<TraceContext>().unwrap(), context);
    }

    #[test]
    fn what_is_none_is_refused() {
        let long = format!("{TEXT}-more");
        let zero = format!("00-{}-b7ad6b7169203331-01", "0".repeat(32));
        let upper = TEXT.to_uppercase();
        let invalid = format!("ff{}", &TEXT[2..]);
        for text in ["", "00", "00---", &TEXT[..54], &long, &zero, &upper, &invalid] {
            assert!(text.parse::<TraceContext>().is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn work_knows_what_it_runs_within() {
        let context: TraceContext = TEXT.parse().unwrap();
        assert_eq!(TraceContext::current(), None);
        let seen = context.within(async { TraceContext::current() }).await;
        assert_eq!(seen, Some(context));
    }
}
