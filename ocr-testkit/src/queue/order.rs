//! Who goes first: priority, then owners in turn, then first come.

use ocr_core::queue::NewItem;

use super::{QueueFixture, task_ids, tasks};
use crate::{
    harness::{LONG, not_offered},
    samples,
};

fn with_priority(priority: i16, item: NewItem) -> NewItem {
    item.with_priority(priority)
}

/// Within an owner and a priority, first in, first out.
pub async fn an_owners_items_go_in_the_order_they_came(fixture: &QueueFixture) {
    let items = samples::items(samples::user(), 12);
    let half = fixture.queue.capabilities().max_batch.min(6);
    fixture.add(items[..half].to_vec()).await;
    for new in &items[half..] {
        fixture.add(vec![*new]).await;
    }
    let mut order = tasks(&fixture.lease(3, LONG).await);
    for _ in 3..items.len() {
        order.extend(tasks(&fixture.lease(1, LONG).await));
    }
    assert_eq!(order, task_ids(&items));
}

/// Higher priority goes first, whenever it came.
pub async fn higher_priority_goes_first(fixture: &QueueFixture) {
    if !fixture.queue.capabilities().priority {
        return not_offered("priorities");
    }
    let owner = samples::user();
    let [low, usual, high, higher] = [-1, 0, 1, 2].map(|p| with_priority(p, samples::item(owner)));
    for new in [usual, low, higher, high] {
        fixture.add(vec![new]).await;
    }
    let order = tasks(&fixture.lease(4, LONG).await);
    assert_eq!(order, task_ids(&[higher, high, usual, low]));
}

/// The minimum and the maximum priority are told apart.
pub async fn priorities_of_all_sizes_are_kept(fixture: &QueueFixture) {
    if !fixture.queue.capabilities().priority {
        return not_offered("priorities");
    }
    let owner = samples::user();
    let items =
        [i16::MIN, i16::MAX, 0, i16::MIN + 1, i16::MAX - 1].map(|p| with_priority(p, samples::item(owner)));
    for new in items {
        fixture.add(vec![new]).await;
    }
    let mut order = Vec::new();
    for _ in 0..items.len() {
        order.extend(tasks(&fixture.lease(1, LONG).await));
    }
    let mut expected = items;
    expected.sort_by_key(|new| std::cmp::Reverse(new.priority));
    assert_eq!(order, task_ids(&expected));
}

/// A thousand items of one owner do not delay the second owner's.
pub async fn owners_take_turns_one_by_one(fixture: &QueueFixture) {
    if !fixture.queue.capabilities().fair_share {
        return not_offered("fair share");
    }
    let (many, few) = (samples::user(), samples::user());
    for new in samples::items(many, 8) {
        fixture.add(vec![new]).await;
    }
    for new in samples::items(few, 2) {
        fixture.add(vec![new]).await;
    }
    let mut owners = Vec::new();
    for _ in 0..4 {
        owners.extend(
            fixture
                .lease(1, LONG)
                .await
                .iter()
                .map(|lease| lease.item.user_id),
        );
    }
    let share = owners.iter().filter(|owner| **owner == few).count();
    assert_eq!(share, 2, "owners take turns: {owners:?}");
}

/// Owners take turns also within the items of one lease.
pub async fn owners_take_turns_within_a_batch(fixture: &QueueFixture) {
    if !fixture.queue.capabilities().fair_share {
        return not_offered("fair share");
    }
    let owners = [samples::user(), samples::user(), samples::user()];
    for new in samples::items(owners[0], 9) {
        fixture.add(vec![new]).await;
    }
    for owner in &owners[1..] {
        fixture.add(samples::items(*owner, 1)).await;
    }
    let leases = fixture.lease(4, LONG).await;
    for owner in owners {
        assert!(
            leases.iter().any(|lease| lease.item.user_id == owner),
            "each of three owners has a share of four: {leases:?}"
        );
    }
}

/// An owner with nothing running goes before one with much running, although it came later.
pub async fn an_idle_owner_is_not_kept_waiting_by_a_busy_one(fixture: &QueueFixture) {
    if !fixture.queue.capabilities().fair_share {
        return not_offered("fair share");
    }
    let (busy, idle) = (samples::user(), samples::user());
    for new in samples::items(busy, 6) {
        fixture.add(vec![new]).await;
    }
    assert_eq!(fixture.lease(3, LONG).await.len(), 3);
    fixture.add(samples::items(idle, 1)).await;
    let next = fixture.lease(1, LONG).await;
    assert_eq!(next[0].item.user_id, idle);
}
