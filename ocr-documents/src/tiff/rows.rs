//! The shape of what a strip or tile expands to.

/// Rows that are to be expanded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    /// Pixels of one.
    pub(super) columns: usize,
    /// Bytes of one.
    pub(super) bytes: usize,
    /// Bits of a sample.
    pub(super) bits: usize,
    /// How many there are.
    pub(super) count: usize,
}
