//! Ends the process before or after a chosen call to a port, as a crash at this very place would. Only in programs that
//! are built with the feature `failpoints`, and there only when somebody says where.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use ocr_core::layers::{CallObserver, EndedCall};

/// Says where: `after store.finish 1`.
const VARIABLE: &str = "OCR_TEST_FAILPOINT";

/// A place between two steps.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// After a call that did what it was asked for, or before it is made.
    after: bool,
    port: String,
    operation: String,
    /// At which of these calls, from 1.
    number: u32,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let (side, call, number) = (words.next()?, words.next()?, words.next()?);
        let (port, operation) = call.split_once('.')?;
        let place = Self {
            after: side == "after",
            port: port.to_owned(),
            operation: operation.to_owned(),
            number: number.parse().ok()?,
        };
        (matches!(side, "before" | "after") && words.next().is_none()).then_some(place)
    }
}

/// Passes everything on until the place is reached.
#[derive(Debug)]
struct Failpoint {
    place: Place,
    passed: AtomicU32,
    beneath: Arc<dyn CallObserver>,
}

impl Failpoint {
    /// Whether the place is here.
    fn is_reached(&self, after: bool, port: &str, operation: &str) -> bool {
        let place = &self.place;
        (after, port, operation) == (place.after, place.port.as_str(), place.operation.as_str())
            && self.passed.fetch_add(1, Ordering::Relaxed) + 1 == place.number
    }

    fn end(&self) -> ! {
        tracing::warn!(place = ?self.place, "this is where the process was told to end");
        // Nothing is unwound, flushed or closed.
        std::process::abort()
    }
}

impl CallObserver for Failpoint {
    fn begun(&self, port: &'static str, operation: &'static str) {
        if self.is_reached(false, port, operation) {
            self.end();
        }
        self.beneath.begun(port, operation);
    }

    fn ended(&self, call: &EndedCall) {
        if call.failure.is_none() && self.is_reached(true, call.port, call.operation) {
            self.end();
        }
        self.beneath.ended(call);
    }
}

/// `observer`, and the end of the process where the environment wants it.
pub(crate) fn laid_over(observer: Arc<dyn CallObserver>) -> Arc<dyn CallObserver> {
    let Ok(text) = env::var(VARIABLE) else {
        return observer;
    };
    let Some(place) = Place::parse(&text) else {
        tracing::error!("{VARIABLE}={text} names no place");
        return observer;
    };
    Arc::new(Failpoint {
        place,
        passed: AtomicU32::new(0),
        beneath: observer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Nobody;

    impl CallObserver for Nobody {
        fn ended(&self, _call: &EndedCall) {}
    }

    #[test]
    fn a_place_is_a_side_a_call_and_a_number() {
        let place = Place::parse("after store.finish 2").unwrap();
        assert_eq!((place.after, place.number), (true, 2));
        assert_eq!(
            (place.port.as_str(), place.operation.as_str()),
            ("store", "finish")
        );
        for wrong in [
            "",
            "after",
            "after store 1",
            "at store.finish 1",
            "after store.finish x",
            "after store.finish 1 2",
        ] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_call_with_this_number_is_reached() {
        let failpoint = Failpoint {
            place: Place::parse("before blobs.put 2").unwrap(),
            passed: AtomicU32::new(0),
            beneath: Arc::new(Nobody),
        };
        assert!(!failpoint.is_reached(true, "blobs", "put"));
        assert!(!failpoint.is_reached(false, "blobs", "get"));
        assert!(!failpoint.is_reached(false, "blobs", "put"));
        assert!(failpoint.is_reached(false, "blobs", "put"));
        assert!(!failpoint.is_reached(false, "blobs", "put"));
    }
}
