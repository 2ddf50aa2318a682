//! The chain of an audit log in memory.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    account_store::{AuditAnchor, AuditEntry, AuditRecord, AuditSeal, SealedRecord},
    clock::Timestamp,
    id::AuditId,
};

/// Seals in order, and entries that have none yet.
#[derive(Debug, Default)]
pub(super) struct AuditChain {
    unsealed: BTreeSet<AuditId>,
    seals: BTreeMap<u64, (AuditId, AuditSeal)>,
    anchor: Option<AuditAnchor>,
}

impl AuditChain {
    /// An entry was added.
    pub(super) fn wait(&mut self, entry: AuditId) {
        self.unsealed.insert(entry);
    }

    pub(super) fn waiting(&self) -> u64 {
        self.unsealed.len() as u64
    }

    pub(super) fn anchor(&self) -> Option<AuditAnchor> {
        self.anchor.clone()
    }

    pub(super) fn seal(&mut self, entries: &BTreeMap<AuditId, AuditEntry>, limit: usize) -> usize {
        let next: Vec<AuditId> = self.unsealed.iter().take(limit).copied().collect();
        for id in &next {
            self.unsealed.remove(id);
            let Some(entry) = entries.get(id) else { continue };
            let last = self.seals.values().next_back().map(|(_, seal)| seal.anchor());
            let last = last.or_else(|| self.anchor());
            // An id is as good as chance where nothing is kept.
            let seal = AuditSeal::of(&record(entry), id.to_string(), last.as_ref());
            self.seals.insert(seal.seq, (*id, seal));
        }
        next.len()
    }

    pub(super) fn sealed(
        &self,
        entries: &BTreeMap<AuditId, AuditEntry>,
        after: u64,
        limit: usize,
    ) -> Vec<SealedRecord> {
        self.seals
            .range(after.saturating_add(1)..)
            .take(limit)
            .map(|(_, (id, seal))| SealedRecord::new(seal.clone(), entries.get(id).map(record)))
            .collect()
    }

    /// Forgets the salt of an entry; whether it is sealed.
    pub(super) fn blank(&mut self, entry: AuditId) -> bool {
        let sealed = self.seals.values_mut().find(|(id, _)| *id == entry);
        sealed.is_some_and(|(_, seal)| {
            seal.salt = None;
            true
        })
    }

    pub(super) fn prune(&mut self, entries: &mut BTreeMap<AuditId, AuditEntry>, before: Timestamp) -> u64 {
        let mut removed = 0;
        while let Some(first) = self.seals.first_entry() {
            let (id, _) = first.get();
            if entries.get(id).is_none_or(|entry| entry.at >= before) {
                break;
            }
            let (id, seal) = first.remove();
            entries.remove(&id);
            self.anchor = Some(seal.anchor());
            removed += 1;
        }
        removed
    }
}

fn record(entry: &AuditEntry) -> AuditRecord {
    AuditRecord::new(entry.id.to_string(), entry.at, entry.action.as_str())
        .by(entry.actor.map(|actor| actor.to_string()), entry.address.as_str())
        .about(entry.object.as_str())
}
