//! What a subscriber was told already: events come at least once, and once from each listener.

use std::collections::{HashSet, VecDeque};

use ocr_core::{
    notify::{DbChange, Event, EventBody},
    store::{Change, ChangeCursor},
};
use uuid::Uuid;

/// Events that are remembered. The same one comes again within moments, or not at all.
const REMEMBERED: usize = 256;

/// The identity of an event: of a change its cursor and its row, of other events their id. Two stores that
/// share a channel may have the same cursors, but not the same rows.
type Identity = (ChangeCursor, Uuid);

/// The last events of one subscriber.
#[derive(Debug, Default)]
pub(super) struct Seen {
    order: VecDeque<Identity>,
    known: HashSet<Identity>,
}

impl Seen {
    /// Whether `event` is told for the first time.
    pub(super) fn is_first(&mut self, event: &Event) -> bool {
        self.insert(match &event.body {
            // Other programs tell of changes without a place in our log.
            EventBody::DbChange(DbChange {
                cursor, record_id, ..
            }) if *cursor != ChangeCursor::default() => (*cursor, *record_id),
            _ => (ChangeCursor::default(), event.id.0),
        })
    }

    /// Notes a change that was replayed.
    pub(super) fn note(&mut self, change: &Change) {
        self.insert((change.cursor, change.record_id));
    }

    fn insert(&mut self, identity: Identity) -> bool {
        let first = self.known.insert(identity);
        if first {
            self.order.push_back(identity);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use ocr_core::{
        id::{EventId, TaskId, UserId},
        model::TaskStatus,
        notify::TaskUpdate,
        store::ChangeOperation,
    };

    fn event(number: u128, body: EventBody) -> Event {
        Event::new(
            EventId(Uuid::from_u128(number)),
            DateTime::UNIX_EPOCH,
            UserId(Uuid::nil()),
            body,
        )
    }

    fn change(number: u128, seq: i64) -> Event {
        let change = DbChange::new(
            "tasks",
            ChangeOperation::Update,
            Uuid::nil(),
            ChangeCursor { xid: 7, seq },
        );
        event(number, EventBody::DbChange(change))
    }

    #[test]
    fn a_change_that_two_listeners_tell_is_told_once() {
        let mut seen = Seen::default();
        let told: Vec<bool> = [(1, 5), (2, 6), (3, 5), (4, 6), (5, 4)]
            .map(|(number, seq)| seen.is_first(&change(number, seq)))
            .into();
        assert_eq!(told, [true, true, false, false, true]);
    }

    #[test]
    fn an_update_that_is_relayed_twice_is_told_once() {
        let mut seen = Seen::default();
        let update = |number| {
            let update = TaskUpdate::settled(TaskId(Uuid::nil()), TaskStatus::Failed, "no");
            event(number, EventBody::TaskUpdate(update))
        };
        assert!(seen.is_first(&update(1)) && seen.is_first(&update(2)));
        assert!(!seen.is_first(&update(1)));
    }

    #[test]
    fn changes_of_other_programs_are_all_told() {
        let mut seen = Seen::default();
        let mut bare = |number| {
            let mut event = change(number, 0);
            if let EventBody::DbChange(change) = &mut event.body {
                change.cursor = ChangeCursor::default();
            }
            seen.is_first(&event)
        };
        assert!(bare(1) && bare(2));
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen = Seen::default();
        for seq in 0..10_000 {
            assert!(seen.is_first(&change(1, seq)));
        }
        assert_eq!((seen.order.len(), seen.known.len()), (REMEMBERED, REMEMBERED));
    }
}
