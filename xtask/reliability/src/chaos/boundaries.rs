//! The steps of a document at which a process may end, by the call to a port that each of them is.

use crate::stack::{Profile, Role};

/// A step, whose two sides are places to end at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Boundary {
    /// How it is called in reports.
    pub(crate) name: &'static str,
    /// Which processes make it.
    pub(crate) role: Role,
    /// The port and its operation.
    call: &'static str,
    /// Which of these calls it is, of a process that has just started: in the standard profile, and where one process
    /// does everything.
    numbers: [u32; 2],
    /// What leads to it.
    pub(crate) act: Act,
}

/// What a client does so that a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// It sends a document.
    Upload,
    /// It deletes a document that was read, for good.
    Purge,
}

/// All of them, in the order of a document's life.
pub(crate) const BOUNDARIES: [Boundary; 12] = [
    of("blob put", Role::Server, "blobs.put"),
    of("task insert", Role::Server, "store.create_task"),
    of("outbox publish", Role::Server, "queue.enqueue"),
    of("outbox settled", Role::Server, "store.settle_outbox"),
    at("lease of the queue", "queue.lease", [2, 2]),
    at("claim of the task", "store.transition", [1, 1]),
    at("page checkpoint", "store.put_pages", [2, 2]),
    // One process has put the document before.
    at("result write", "blobs.put", [1, 2]),
    at("complete", "store.finish", [1, 1]),
    at("delivery taken off", "queue.ack", [1, 1]),
    Boundary {
        act: Act::Purge,
        ..of("purge of the rows", Role::Server, "store.purge")
    },
    Boundary {
        act: Act::Purge,
        ..of("purge of the blobs", Role::Server, "blobs.delete")
    },
];

/// The first of these calls of a process with this role.
const fn of(name: &'static str, role: Role, call: &'static str) -> Boundary {
    Boundary {
        name,
        role,
        call,
        numbers: [1, 1],
        act: Act::Upload,
    }
}

/// One of these calls of a worker.
const fn at(name: &'static str, call: &'static str, numbers: [u32; 2]) -> Boundary {
    Boundary {
        numbers,
        ..of(name, Role::Worker, call)
    }
}

impl Boundary {
    /// One side of it as a process is told: `after store.finish 1`.
    pub(crate) fn place(&self, after: bool, profile: Profile) -> String {
        let side = if after { "after" } else { "before" };
        let [standard, embedded] = self.numbers;
        let number = match profile {
            Profile::Standard => standard,
            Profile::Embedded => embedded,
        };
        format!("{side} {} {number}", self.call)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_place_is_tried_twice() {
        for profile in [Profile::Standard, Profile::Embedded] {
            let sides = BOUNDARIES.iter().flat_map(|boundary| {
                [false, true].map(|after| (boundary.role == Role::Server, boundary.place(after, profile)))
            });
            assert_eq!(sides.collect::<BTreeSet<_>>().len(), 2 * BOUNDARIES.len());
        }
    }

    #[test]
    fn a_place_is_told_as_the_server_reads_it() {
        let result = BOUNDARIES.iter().find(|boundary| boundary.name == "result write");
        let place = result.unwrap().place(true, Profile::Embedded);
        assert_eq!(place, "after blobs.put 2");
    }
}
