//! Links with which others can read a document.

use async_trait::async_trait;

use super::{
    MemoryStore, lock,
    tables::{Tables, not_found},
};
use crate::{
    Result,
    clock::Timestamp,
    id::{ShareId, TaskId},
    model::TokenHash,
    share_store::{
        MAX_SHARE_VISITS, MAX_SHARES, Share, ShareStore, ShareVisit, no_such_share, too_many_shares,
        too_many_visits,
    },
    store::{Scope, Write},
};

#[async_trait]
impl ShareStore for MemoryStore {
    async fn create_share(&self, scope: Scope, share: Share, write: Write) -> Result<()> {
        let mut tables = lock(&self.tables);
        if tables.live(scope, share.task)?.task.owner != share.owner {
            return Err(not_found());
        }
        let now = share.created_at;
        let others = tables.shares.values();
        let others = others.filter(|(other, _)| other.task == share.task && other.expires_at > now);
        if others.count() >= MAX_SHARES {
            return Err(too_many_shares());
        }
        tables
            .shares
            .retain(|_, (other, _)| other.task != share.task || other.expires_at > now);
        tables.shares.insert(share.id, (share, Vec::new()));
        tables.send(write.outbox);
        Ok(())
    }

    async fn shares(&self, scope: Scope, task: Option<TaskId>, limit: usize) -> Result<Vec<Share>> {
        let tables = lock(&self.tables);
        let shares = tables.shares.values().rev().map(|(share, _)| share);
        let wanted =
            shares.filter(|share| scope.covers(share.owner) && task.is_none_or(|task| share.task == task));
        Ok(wanted.take(limit).cloned().collect())
    }

    async fn share(&self, id: ShareId, token: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        let tables = lock(&self.tables);
        let found = tables.shares.get(&id).map(|(share, _)| share);
        Ok(found
            .filter(|share| share.token == token && share.opens_at(now))
            .cloned())
    }

    async fn open_share(
        &self,
        id: ShareId,
        token: TokenHash,
        visit: ShareVisit,
        now: Timestamp,
        write: Write,
    ) -> Result<Option<Share>> {
        let mut tables = lock(&self.tables);
        let Some((share, visits)) = openable(&mut tables, id, &token, now) else {
            return Ok(None);
        };
        if visits.iter().filter(|other| other.expires_at > now).count() >= MAX_SHARE_VISITS {
            return Err(too_many_visits());
        }
        visits.retain(|other| other.expires_at > now);
        visits.push(visit);
        share.opens = share.opens.saturating_add(1);
        share.last_opened_at = Some(now);
        let opened = share.clone();
        tables.send(write.outbox);
        Ok(Some(opened))
    }

    async fn visited_share(&self, id: ShareId, visit: TokenHash, now: Timestamp) -> Result<Option<Share>> {
        let tables = lock(&self.tables);
        let found = tables.shares.get(&id).filter(|(share, visits)| {
            let is_visited = |known: &ShareVisit| known.token == visit && known.expires_at > now;
            share.expires_at > now && visits.iter().any(is_visited)
        });
        Ok(found.map(|(share, _)| share.clone()))
    }

    async fn delete_share(&self, scope: Scope, id: ShareId, write: Write) -> Result<Share> {
        let mut tables = lock(&self.tables);
        if !tables
            .shares
            .get(&id)
            .is_some_and(|(share, _)| scope.covers(share.owner))
        {
            return Err(no_such_share());
        }
        let (share, _) = tables.shares.remove(&id).ok_or_else(no_such_share)?;
        tables.send(write.outbox);
        Ok(share)
    }
}

/// The link with this id and secret that opens now, and who visits it.
fn openable<'t>(
    tables: &'t mut Tables,
    id: ShareId,
    token: &TokenHash,
    now: Timestamp,
) -> Option<(&'t mut Share, &'t mut Vec<ShareVisit>)> {
    let (share, visits) = tables.shares.get_mut(&id)?;
    (share.token == *token && share.opens_at(now)).then_some((share, visits))
}
