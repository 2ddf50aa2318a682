//! The items of a crate, one a line.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result};
use public_api::Builder;

/// The public items that rustdoc's JSON in `file` tells of. Of what is derived there is one line a trait;
/// what every type has is left out.
pub(crate) fn of(file: &Path) -> Result<Vec<String>> {
    let written = items(file, true)?;
    let known: BTreeSet<&String> = written.iter().collect();
    let all = items(file, false)?;
    let lines = all
        .iter()
        .filter(|line| known.contains(line) || line.starts_with("impl"));
    Ok(lines.cloned().collect())
}

fn items(file: &Path, is_without_derived: bool) -> Result<Vec<String>> {
    let api = Builder::from_rustdoc_json(file)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(is_without_derived)
        .build()
        .with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(api.items().map(ToString::to_string).collect())
}
