//! Recovery codes of a second factor, as databases keep them in one column.

use ocr_core::account_store::{SecondFactor, TokenHash};

/// The codes of a factor as text.
pub(crate) fn joined(factor: &SecondFactor) -> String {
    let codes: Vec<&str> = factor.recovery.iter().map(TokenHash::as_str).collect();
    codes.join(" ")
}

/// The codes that [`joined`] wrote.
pub(crate) fn parted(text: &str) -> Vec<TokenHash> {
    text.split_whitespace().map(TokenHash::stored).collect()
}
