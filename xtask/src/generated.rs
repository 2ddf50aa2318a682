//! Files that the code generates and the repository keeps, so that a change of them is seen in review.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{built, cargo, output, root, run};

/// The description of the HTTP API.
const OPENAPI: &str = "ocr-server/openapi.json";

/// Fails when a generated file is not what the code generates now.
pub(crate) fn check() -> Result<()> {
    let generated = openapi()?;
    let kept =
        fs::read_to_string(root().join(OPENAPI)).with_context(|| format!("{OPENAPI} cannot be read"))?;
    if kept != generated {
        bail!("{OPENAPI} is not what the code generates; renew it with: cargo xtask generated --write");
    }
    println!("{OPENAPI} is what the code generates");
    Ok(())
}

/// Writes the generated files anew.
pub(crate) fn write() -> Result<()> {
    fs::write(root().join(OPENAPI), openapi()?).with_context(|| format!("{OPENAPI} cannot be written"))
}

/// What the server says of itself. The whole workspace is built, as the tests do, because a single
/// package would be built with other features of its dependencies, and those all over again.
fn openapi() -> Result<String> {
    run(&mut cargo(&["build", "--locked", "--workspace", "--all-targets"]))?;
    output(built("debug", "ocr-server").arg("openapi"))
}
