//! What reading costs.

use std::{iter::Sum, ops::Add};

use serde::{Deserialize, Serialize};

/// What an engine charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Usage {
    /// Pages it billed, which may be more than were asked for.
    pub billed_pages: u32,
    /// Price in millionths of a US dollar.
    pub cost_micros: u64,
}

impl Usage {
    /// `billed_pages` pages for `cost_micros` millionths of a US dollar.
    pub const fn new(billed_pages: u32, cost_micros: u64) -> Self {
        Self {
            billed_pages,
            cost_micros,
        }
    }

    /// What came since `earlier`; nothing where that was more.
    pub(crate) const fn since(self, earlier: Self) -> Self {
        Self {
            billed_pages: self.billed_pages.saturating_sub(earlier.billed_pages),
            cost_micros: self.cost_micros.saturating_sub(earlier.cost_micros),
        }
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            billed_pages: self.billed_pages.saturating_add(other.billed_pages),
            cost_micros: self.cost_micros.saturating_add(other.cost_micros),
        }
    }
}

impl Sum for Usage {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}
