//! What there is of a user: the one list by which they are given their data, and by which they are forgotten.

/// A part of what belongs to a user. Both [`OcrService::user_files`](super::OcrService::user_files) and
/// [`OcrService::erase_user`](super::OcrService::erase_user) go through [`UserPart::ALL`], so that nothing is erased that is
/// not exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UserPart {
    /// Documents, live and in the trash, with originals, results, corrections, filings and links. What was made of a
    /// result in other formats is erased and not exported: it can be made again.
    Documents,
    /// Files that were sent and are of no document.
    Unfinished,
    /// Saved searches.
    Searches,
    /// What was used, and limits of their own.
    Usage,
    /// What the audit log says of them.
    Audit,
    /// The account with its sessions and keys, of which secrets are not exported. Last: by it the rest is found.
    Account,
}

impl UserPart {
    /// Every part, in the order in which they are exported and erased.
    pub const ALL: [Self; 6] = [
        Self::Documents,
        Self::Unfinished,
        Self::Searches,
        Self::Usage,
        Self::Audit,
        Self::Account,
    ];
}
