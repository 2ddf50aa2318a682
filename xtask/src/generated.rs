//! Files that the code generates and the repository keeps, so that a change of them is seen in review.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{built, cargo, output, root, run};

/// Each file, and what makes the server print it.
const FILES: [(&str, &[&str]); 2] = [
    ("ocr-server/openapi.json", &["openapi"]),
    ("docs/reference/configuration.md", &["config", "reference"]),
];

/// Fails when a generated file is not what the code generates now.
pub(crate) fn check() -> Result<()> {
    for (file, generated) in generate()? {
        let kept = fs::read_to_string(root().join(file)).with_context(|| format!("{file} cannot be read"))?;
        if kept != generated {
            bail!("{file} is not what the code generates; renew it with: cargo xtask generated --write");
        }
        println!("{file} is what the code generates");
    }
    Ok(())
}

/// Writes the generated files anew.
pub(crate) fn write() -> Result<()> {
    for (file, generated) in generate()? {
        fs::write(root().join(file), generated).with_context(|| format!("{file} cannot be written"))?;
    }
    Ok(())
}

/// What the server says of itself. The whole workspace is built, as the tests do, because a single
/// package would be built with other features of its dependencies, and those all over again.
fn generate() -> Result<Vec<(&'static str, String)>> {
    run(&mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    FILES
        .into_iter()
        .map(|(file, arguments)| Ok((file, output(built("debug", "ocr-server").args(arguments))?)))
        .collect()
}
