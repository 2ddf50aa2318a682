//! What every [`Notifier`] must do, clause by clause.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::{FutureExt, StreamExt};
use ocr_core::{
    id::{TaskId, UserId},
    model::{Progress, TaskStatus},
    notify::{DbChange, Event, EventBody, EventStream, Notifier, Received, TaskUpdate},
    store::{ChangeCursor, ChangeOperation, Scope},
};

use crate::{
    harness::{Guard, no_guard, soon, with_guard},
    samples,
};

/// A notifier nobody listens to yet.
#[non_exhaustive]
pub struct NotifierFixture {
    /// The notifier.
    pub notifier: Arc<dyn Notifier>,
    /// Keeps what it needs alive.
    pub guard: Guard,
}

impl std::fmt::Debug for NotifierFixture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NotifierFixture")
            .field("notifier", &self.notifier)
            .finish_non_exhaustive()
    }
}

impl NotifierFixture {
    /// A `notifier` nobody listens to yet; nothing needs to be kept alive.
    pub fn new(notifier: Arc<dyn Notifier>) -> Self {
        Self {
            notifier,
            guard: no_guard(),
        }
    }

    with_guard!();

    async fn publish(&self, events: Vec<Event>) {
        self.notifier.publish(events).await.unwrap();
    }

    async fn listen(&self, scope: Scope) -> EventStream {
        self.notifier.subscribe(scope).await.unwrap()
    }
}

fn event(owner: UserId) -> Event {
    samples::task_event(owner, samples::task_id(), "Waiting to be processed")
}

fn update(owner: UserId, task: TaskId, number: u32) -> Event {
    let progress = Progress::new(number, u32::MAX);
    let mut event = event(owner);
    event.body = EventBody::TaskUpdate(TaskUpdate::progressed(task, progress));
    event
}

/// The next event of a stream that has lost none.
async fn next(stream: &mut EventStream) -> Event {
    match soon("an event", stream.next()).await {
        Some(Received::Event(event)) => event,
        other => panic!("an event was expected: {other:?}"),
    }
}

/// Asserts that nothing comes before a last event that the caller publishes now.
async fn only_the_last_comes(fixture: &NotifierFixture, owner: UserId, stream: &mut EventStream) {
    let last = event(owner);
    fixture.publish(vec![last.clone()]).await;
    assert_eq!(next(stream).await, last, "nothing came before");
}

/// What is published after `subscribe` returned reaches the stream.
pub async fn an_event_reaches_its_subscriber(fixture: &NotifierFixture) {
    let owner = samples::user();
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    let events = vec![event(owner), event(owner)];
    fixture.publish(events.clone()).await;
    assert_eq!(next(&mut stream).await, events[0]);
    assert_eq!(next(&mut stream).await, events[1]);
}

/// Every kind of event arrives as it was told.
pub async fn an_event_arrives_as_it_was_told(fixture: &NotifierFixture) {
    let owner = samples::user();
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    let task = samples::task_id();
    let failed = TaskUpdate::settled(task, TaskStatus::Failed, samples::long_text(2_000));
    let change = |operation, task_id, status| {
        EventBody::DbChange(
            DbChange::new("results", operation, task.0, ChangeCursor { xid: 7, seq: -1 })
                .with_task_id(task_id)
                .with_status(status),
        )
    };
    let bodies = [
        EventBody::TaskUpdate(TaskUpdate::started(task)),
        EventBody::TaskUpdate(failed),
        change(ChangeOperation::Insert, None, None),
        change(ChangeOperation::Delete, Some(task), Some(TaskStatus::Completed)),
    ];
    for body in bodies {
        let mut told = event(owner);
        told.body = body;
        fixture.publish(vec![told.clone()]).await;
        assert_eq!(next(&mut stream).await, told);
    }
}

/// Events of other owners never reach an owner's stream.
pub async fn events_of_others_never_arrive(fixture: &NotifierFixture) {
    let (owner, other) = (samples::user(), samples::user());
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    fixture.publish((0..50).map(|_| event(other)).collect()).await;
    only_the_last_comes(fixture, owner, &mut stream).await;
}

/// The platform hears everybody's events.
pub async fn the_platform_hears_everybody(fixture: &NotifierFixture) {
    let mut stream = fixture.listen(Scope::system()).await;
    for _ in 0..3 {
        let told = event(samples::user());
        fixture.publish(vec![told.clone()]).await;
        assert_eq!(next(&mut stream).await, told);
    }
}

/// Events of one task come in the order they were told, in one call or several.
pub async fn order_is_kept_within_a_task(fixture: &NotifierFixture) {
    let owner = samples::user();
    let tasks = [samples::task_id(), samples::task_id(), samples::task_id()];
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    for number in 1..=60 {
        let events = tasks.map(|task| update(owner, task, number)).to_vec();
        if number % 2 == 0 {
            fixture.publish(events).await;
        } else {
            for event in events {
                fixture.publish(vec![event]).await;
            }
        }
    }
    let mut seen: HashMap<TaskId, Vec<String>> = HashMap::new();
    for _ in 0..180 {
        if let EventBody::TaskUpdate(update) = next(&mut stream).await.body {
            seen.entry(update.task_id).or_default().push(update.message);
        }
    }
    let expected: Vec<String> = (1..=60)
        .map(|number| format!("Processing page {number} of {}", u32::MAX))
        .collect();
    for task in tasks {
        assert_eq!(seen.get(&task), Some(&expected));
    }
}

/// Nobody listening is not an error, nor is nothing to tell.
pub async fn nobody_needs_to_listen(fixture: &NotifierFixture) {
    fixture.publish(vec![event(samples::user())]).await;
    fixture.publish(vec![]).await;
}

/// A stream begins when it is asked for.
pub async fn events_from_before_do_not_arrive(fixture: &NotifierFixture) {
    let owner = samples::user();
    fixture.publish(vec![event(owner), event(owner)]).await;
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    only_the_last_comes(fixture, owner, &mut stream).await;
}

/// Each of several subscribers hears every event.
pub async fn every_subscriber_hears_every_event(fixture: &NotifierFixture) {
    let owner = samples::user();
    let mut streams = [
        fixture.listen(Scope::owner(owner)).await,
        fixture.listen(Scope::owner(owner)).await,
        fixture.listen(Scope::system()).await,
    ];
    let events: Vec<Event> = (0..20).map(|_| event(owner)).collect();
    fixture.publish(events.clone()).await;
    for stream in &mut streams {
        for told in &events {
            assert_eq!(next(stream).await, *told);
        }
    }
}

/// Dropping a stream unsubscribes it; others go on, and one may come back.
pub async fn a_dropped_stream_is_forgotten(fixture: &NotifierFixture) {
    let owner = samples::user();
    let mut stays = fixture.listen(Scope::owner(owner)).await;
    for _ in 0..20 {
        drop(fixture.listen(Scope::owner(owner)).await);
        only_the_last_comes(fixture, owner, &mut stays).await;
    }
    drop(stays);
    fixture.publish(vec![event(owner)]).await;
    let mut back = fixture.listen(Scope::owner(owner)).await;
    only_the_last_comes(fixture, owner, &mut back).await;
}

/// A reader that is too slow is told that it missed something, and goes on; nobody waits for it.
pub async fn a_slow_reader_is_told_that_it_lags(fixture: &NotifierFixture) {
    const EVENTS: u32 = 5_000;
    let (owner, task) = (samples::user(), samples::task_id());
    let mut slow = fixture.listen(Scope::owner(owner)).await;
    for batch in 0..EVENTS / 100 {
        let events = (1..=100).map(|n| update(owner, task, batch * 100 + n)).collect();
        soon("a publication beside a slow reader", fixture.publish(events)).await;
    }
    let last = event(owner);
    fixture.publish(vec![last.clone()]).await;
    let (mut heard, mut lagged) = (0, 0);
    loop {
        match soon("the last event", slow.next()).await {
            Some(Received::Event(event)) if event == last => break,
            Some(Received::Event(_)) => heard += 1,
            Some(Received::Lagged { missed }) => {
                assert!(missed > 0, "a lag misses something");
                lagged += 1;
            }
            other => panic!("the stream goes on after a lag: {other:?}"),
        }
    }
    assert!(
        heard == EVENTS || lagged > 0,
        "{heard} of {EVENTS} events and no word of a lag"
    );
    only_the_last_comes(fixture, owner, &mut slow).await;
}

/// Publishers at the same time are all heard.
pub async fn many_publishers_are_heard(fixture: &NotifierFixture) {
    let owner = samples::user();
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    let publishers: Vec<_> = (0..4)
        .map(|_| {
            let notifier = Arc::clone(&fixture.notifier);
            tokio::spawn(async move {
                let events: Vec<Event> = (0..25).map(|_| event(owner)).collect();
                for told in &events {
                    notifier.publish(vec![told.clone()]).await.unwrap();
                }
                events
            })
        })
        .collect();
    let mut told = Vec::new();
    for publisher in publishers {
        told.extend(publisher.await.unwrap().iter().map(|event| event.id));
    }
    let mut heard = Vec::new();
    for _ in 0..told.len() {
        heard.push(next(&mut stream).await.id);
    }
    told.sort_unstable();
    heard.sort_unstable();
    assert_eq!(heard, told);
}

/// A stream waits while nothing happens; it does not end.
pub async fn a_quiet_stream_stays_open(fixture: &NotifierFixture) {
    let owner = samples::user();
    let mut stream = fixture.listen(Scope::owner(owner)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(stream.next().now_or_never().is_none(), "nothing has happened");
    only_the_last_comes(fixture, owner, &mut stream).await;
}

/// The name is short and lower-case, the check succeeds, and capabilities stay the same.
pub async fn the_notifier_says_what_it_is(fixture: &NotifierFixture) {
    let name = fixture.notifier.name();
    assert!(
        !name.is_empty() && name == name.to_lowercase() && name.len() <= 20,
        "{name:?}"
    );
    fixture.notifier.check().await.unwrap();
    assert_eq!(fixture.notifier.capabilities(), fixture.notifier.capabilities());
}

/// Expands to one test for each clause of the [`Notifier`] contract.
///
/// Takes a path to an `async fn() -> NotifierFixture` that makes a notifier of its own. Put it in a
/// module of its own for each adapter.
#[macro_export]
macro_rules! notifier_conformance {
    ($fresh:expr) => {
        $crate::clauses! { $fresh, notify:
            an_event_reaches_its_subscriber
            an_event_arrives_as_it_was_told
            events_of_others_never_arrive
            the_platform_hears_everybody
            order_is_kept_within_a_task
            nobody_needs_to_listen
            events_from_before_do_not_arrive
            every_subscriber_hears_every_event
            a_dropped_stream_is_forgotten
            a_slow_reader_is_told_that_it_lags
            many_publishers_are_heard
            a_quiet_stream_stays_open
            the_notifier_says_what_it_is
        }
    };
}
