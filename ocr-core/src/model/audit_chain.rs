//! The chain that holds the entries of an audit log together, so that a change by hand is found.
//!
//! Entries are added unsealed, so that changes need not wait for each other. A duty seals them in order: each seal
//! holds the SHA-256 of the one before and of its entry. Who, what and from where go into that as salted digests, so
//! that they can be blanked when a person asks to be forgotten, and the chain stays whole.

use std::{fmt, str::FromStr};

use crate::{Error, ErrorKind, Result, clock::Timestamp, digest::sha256_hex};

/// What the first seal holds in place of the one before.
const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An entry as a database has it, whether or not this program knows its action.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// Its identity.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Option<String>,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// From where.
    pub address: String,
}

impl AuditRecord {
    /// What was done, and when.
    pub fn new(id: impl Into<String>, at: Timestamp, action: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            at,
            actor: None,
            action: action.into(),
            object: String::new(),
            address: String::new(),
        }
    }

    /// The same done by `actor` at `address`.
    pub fn by(mut self, actor: Option<String>, address: impl Into<String>) -> Self {
        self.actor = actor;
        self.address = address.into();
        self
    }

    /// The same about `object`.
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.object = object.into();
        self
    }

    /// Whether it does not say any more who did what, and from where.
    fn is_blank(&self) -> bool {
        self.actor.is_none() && self.object.is_empty() && self.address.is_empty()
    }

    /// The salted digests of who, what and from where.
    fn digests(&self, salt: &str) -> [String; 3] {
        let digest = |name: &str, value: &str| sha256_hex(format!("{salt}\n{name}\n{value}"));
        [
            digest("actor", self.actor.as_deref().unwrap_or_default()),
            digest("object", &self.object),
            digest("address", &self.address),
        ]
    }
}

/// What holds an entry to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditSeal {
    /// Its place in the chain, from 1.
    pub seq: u64,
    /// What was hashed with who, what and from where; `None` once these were blanked.
    pub salt: Option<String>,
    /// The digests of who, what and from where.
    pub digests: [String; 3],
    /// SHA-256 over the seal before and the entry, 64 lower-case hex digits.
    pub hash: String,
}

impl AuditSeal {
    /// The seal at this place of a chain, as it was stored.
    pub fn new(seq: u64, salt: Option<String>, digests: [String; 3], hash: impl Into<String>) -> Self {
        Self {
            seq,
            salt,
            digests,
            hash: hash.into(),
        }
    }

    /// The seal of `record` behind `anchor`, or at the beginning of the chain.
    pub fn of(record: &AuditRecord, salt: impl Into<String>, anchor: Option<&AuditAnchor>) -> Self {
        let salt = salt.into();
        let digests = record.digests(&salt);
        let seq = anchor.map_or(0, |anchor| anchor.seq) + 1;
        let previous = anchor.map_or(BEGINNING, |anchor| anchor.hash.as_str());
        let hash = chained(seq, previous, record, &digests);
        Self::new(seq, Some(salt), digests, hash)
    }

    /// The place behind which the chain goes on.
    pub fn anchor(&self) -> AuditAnchor {
        AuditAnchor {
            seq: self.seq,
            hash: self.hash.clone(),
        }
    }
}

/// SHA-256 over the canonical form of an entry at its place: one line for each part, none of which can hold a line end
/// but as a digest.
fn chained(seq: u64, previous: &str, record: &AuditRecord, digests: &[String; 3]) -> String {
    let [actor, object, address] = digests;
    let (id, action) = (sha256_hex(&record.id), sha256_hex(&record.action));
    let at = record.at.timestamp_micros();
    sha256_hex(format!(
        "{previous}\n{seq}\n{id}\n{at}\n{action}\n{actor}\n{object}\n{address}"
    ))
}

/// A place in the chain with its hash: what is behind it can be verified without what is before it. Written as
/// `SEQ HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditAnchor {
    /// The place.
    pub seq: u64,
    /// Its hash, 64 lower-case hex digits.
    pub hash: String,
}

impl AuditAnchor {
    /// This place with this hash.
    pub fn new(seq: u64, hash: impl Into<String>) -> Self {
        Self {
            seq,
            hash: hash.into(),
        }
    }
}

impl fmt::Display for AuditAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seq, self.hash)
    }
}

impl FromStr for AuditAnchor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::new(ErrorKind::InvalidInput, "an anchor is a number and a hash");
        let (seq, hash) = text.split_once(' ').ok_or_else(wrong)?;
        let is_digest = hash.len() == BEGINNING.len() && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        match seq.parse() {
            Ok(seq) if is_digest => Ok(Self::new(seq, hash)),
            _ => Err(wrong()),
        }
    }
}

/// A seal with its entry, where that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SealedRecord {
    /// The seal.
    pub seal: AuditSeal,
    /// The entry.
    pub record: Option<AuditRecord>,
}

impl SealedRecord {
    /// `record` under `seal`.
    pub fn new(seal: AuditSeal, record: Option<AuditRecord>) -> Self {
        Self { seal, record }
    }
}

/// Where a chain is broken, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainBreak {
    /// The first place that is not as it was.
    pub seq: u64,
    /// The entry at that place, where it is still there.
    pub entry: Option<String>,
    /// What is wrong, as a part of a sentence.
    pub reason: &'static str,
}

impl ChainBreak {
    /// The chain begins at a place of which nothing tells that what was before it was removed because its time was over.
    pub fn at_unknown_anchor(anchor: &AuditAnchor) -> Self {
        Self {
            seq: anchor.seq,
            entry: None,
            reason: "entries before it were removed, and no entry tells of that",
        }
    }

    /// The entry at this place was blanked, and nothing tells that somebody asked to be forgotten.
    fn blanked_untold(seq: u64, entry: String) -> Self {
        Self {
            seq,
            entry: Some(entry),
            reason: "the entry was blanked, and no entry tells that somebody was forgotten",
        }
    }
}

/// Goes along a chain from an anchor, or from its beginning.
#[derive(Debug)]
pub struct ChainVerifier {
    last: AuditAnchor,
    checked: u64,
    blanked: u64,
    first_blanked: Option<ChainBreak>,
}

impl ChainVerifier {
    /// Begins behind `anchor`, or at the beginning of the chain.
    pub fn new(anchor: Option<AuditAnchor>) -> Self {
        Self {
            last: anchor.unwrap_or_else(|| AuditAnchor::new(0, BEGINNING)),
            checked: 0,
            blanked: 0,
            first_blanked: None,
        }
    }

    /// Goes on to the next seal.
    ///
    /// # Errors
    /// When it, or its entry, is not as it was sealed.
    pub fn check(&mut self, sealed: &SealedRecord) -> Result<(), ChainBreak> {
        let expected = self.last.seq + 1;
        let entry = sealed.record.as_ref().map(|record| record.id.clone());
        let broken = |reason| ChainBreak {
            seq: expected,
            entry: entry.clone(),
            reason,
        };
        let seal = &sealed.seal;
        if seal.seq != expected {
            return Err(broken("a seal is missing"));
        }
        let Some(record) = &sealed.record else {
            return Err(broken("the entry was removed"));
        };
        let changed = match &seal.salt {
            Some(salt) => record.digests(salt) != seal.digests,
            // Without a salt nothing holds these parts: they must not say anything.
            None => !record.is_blank(),
        };
        if changed {
            return Err(broken("the entry was changed"));
        }
        if chained(seal.seq, &self.last.hash, record, &seal.digests) != seal.hash {
            return Err(broken("the entry or its seal was changed"));
        }
        if seal.salt.is_none() {
            self.blanked += 1;
            self.first_blanked
                .get_or_insert_with(|| ChainBreak::blanked_untold(expected, record.id.clone()));
        }
        self.last = seal.anchor();
        self.checked += 1;
        Ok(())
    }

    /// The last place that was found to be as it was sealed.
    pub fn last(&self) -> &AuditAnchor {
        &self.last
    }

    /// How many entries were found to be as they were sealed.
    pub fn checked(&self) -> u64 {
        self.checked
    }

    /// How many of these do not say any more who did what: somebody was forgotten.
    pub fn blanked(&self) -> u64 {
        self.blanked
    }

    /// What the first of these breaks when nothing tells that somebody was forgotten.
    pub fn first_blanked(&self) -> Option<&ChainBreak> {
        self.first_blanked.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn chain(length: u64) -> Vec<SealedRecord> {
        let mut anchor = None;
        (1..=length)
            .map(|number| {
                let at = DateTime::from_timestamp(1_000_000 + i64::try_from(number).unwrap(), 0).unwrap();
                let record = AuditRecord::new(number.to_string(), at, "document_viewed")
                    .by(Some(format!("user {number}")), "192.0.2.1")
                    .about(format!("document {number}"));
                let seal = AuditSeal::of(&record, format!("salt {number}"), anchor.as_ref());
                anchor = Some(seal.anchor());
                SealedRecord::new(seal, Some(record))
            })
            .collect()
    }

    fn verified(chain: &[SealedRecord], anchor: Option<AuditAnchor>) -> Result<ChainVerifier, ChainBreak> {
        let mut verifier = ChainVerifier::new(anchor);
        for sealed in chain {
            verifier.check(sealed)?;
        }
        Ok(verifier)
    }

    #[test]
    fn a_chain_that_nobody_touched_is_whole() {
        let verifier = verified(&chain(5), None).unwrap();
        assert_eq!((verifier.checked(), verifier.blanked()), (5, 0));
        let all = chain(5);
        let anchor = all[2].seal.anchor();
        let written: AuditAnchor = anchor.to_string().parse().unwrap();
        assert_eq!(verified(&all[3..], Some(written)).unwrap().checked(), 2);
        for odd in ["", "1", "x y", "1 abc"] {
            assert!(odd.parse::<AuditAnchor>().is_err(), "{odd}");
        }
    }

    #[test]
    fn whatever_is_changed_is_found_where_it_is() {
        let changes: [fn(&mut AuditRecord); 6] = [
            |record| record.id.push('x'),
            |record| record.at += chrono::TimeDelta::microseconds(1),
            |record| record.actor = None,
            |record| record.action.push('x'),
            |record| record.object.push('x'),
            |record| record.address.push('x'),
        ];
        for change in changes {
            let mut all = chain(5);
            change(all[2].record.as_mut().unwrap());
            assert_eq!(verified(&all, None).unwrap_err().seq, 3);
        }
    }

    #[test]
    fn what_is_missing_or_put_in_is_found() {
        let mut all = chain(5);
        all.remove(2);
        assert_eq!(verified(&all, None).unwrap_err().seq, 3);
        let mut all = chain(5);
        all[2].record = None;
        assert_eq!(verified(&all, None).unwrap_err().reason, "the entry was removed");
        let mut all = chain(5);
        all.swap(1, 2);
        assert_eq!(verified(&all, None).unwrap_err().seq, 2);
        let mut all = chain(5);
        // Sealed anew by somebody who knows how, but who cannot seal anew everything that follows.
        let mut record = all[2].record.clone().unwrap();
        record.object = "another".into();
        all[2].seal = AuditSeal::of(&record, "salt", Some(&all[1].seal.anchor()));
        all[2].record = Some(record);
        assert_eq!(verified(&all, None).unwrap_err().seq, 4);
    }

    #[test]
    fn a_person_can_be_forgotten_and_the_chain_stays_whole() {
        let mut all = chain(5);
        let record = all[2].record.as_mut().unwrap();
        (record.actor, record.object, record.address) = (None, String::new(), String::new());
        all[2].seal.salt = None;
        let verifier = verified(&all, None).unwrap();
        assert_eq!(verifier.blanked(), 1);
        assert_eq!(verifier.first_blanked().unwrap().seq, 3);
        // What is not told by digests is still held together.
        all[2].record.as_mut().unwrap().action = "signed_in".into();
        assert_eq!(verified(&all, None).unwrap_err().seq, 3);
    }

    #[test]
    fn what_lost_its_salt_says_nothing_any_more() {
        let changes: [fn(&mut AuditRecord); 3] = [
            |record| record.actor = Some("another".into()),
            |record| record.object.push('x'),
            |record| record.address.push('x'),
        ];
        for change in changes {
            let mut all = chain(5);
            let record = all[2].record.as_mut().unwrap();
            (record.actor, record.object, record.address) = (None, String::new(), String::new());
            change(record);
            all[2].seal.salt = None;
            let broken = verified(&all, None).unwrap_err();
            assert_eq!((broken.seq, broken.reason), (3, "the entry was changed"));
        }
    }
}
