//! The web page: the tools its tests need, and the tests that need no browser.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{command, output, root, run, target_directory};

/// Tests of the page's modules.
const TESTS: &str = "ocr-server/web-tests";
/// Oldest release of Node.js that runs modules without being told that they are modules.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// What is fetched for tests alone: the type checker, and the accessibility checker that browser
/// tests load into the page.
const TOOLS: [(&str, &str); 2] = [("typescript", "7.0.2"), ("axe-core", "4.14.1")];

/// Fetches the tools that are missing, and returns the accessibility checker.
pub(crate) fn install_tools() -> Result<PathBuf> {
    let folder = target_directory().join("tools/web");
    let modules = folder.join("node_modules");
    let missing: Vec<String> = TOOLS
        .iter()
        .filter(|(name, version)| !is_there(&modules.join(name), version))
        .map(|(name, version)| format!("{name}@{version}"))
        .collect();
    if !missing.is_empty() {
        fs::create_dir_all(&folder)?;
        let mut npm = command("npm");
        npm.args([
            "install",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ])
        .arg(&folder)
        .args(&missing);
        run(&mut npm).context("the tests of the page need npm and its registry")?;
    }
    Ok(modules.join("axe-core/axe.min.js"))
}

fn is_there(package: &std::path::Path, version: &str) -> bool {
    fs::read_to_string(package.join("package.json"))
        .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
}

/// Checks the types of the page's modules and runs their tests.
pub(crate) fn test() -> Result<()> {
    check_node()?;
    let tsc = target_directory().join("tools/web/node_modules/typescript/bin/tsc");
    run(command("node").arg(tsc).args(["-p", TESTS]))?;
    let mut tests: Vec<PathBuf> = fs::read_dir(root().join(TESTS))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    tests.sort();
    run(command("node")
        .args(["--test", "--test-reporter=spec"])
        .args(tests))
}

fn check_node() -> Result<()> {
    let version = output(command("node").arg("--version")).context("the tests of the page need Node.js")?;
    let mut numbers = version.trim().trim_start_matches('v').split('.');
    let mut number = || numbers.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let found = (number(), number());
    if found < OLDEST_NODE {
        let (major, minor) = OLDEST_NODE;
        bail!(
            "the tests of the page need Node.js {major}.{minor} or newer, not {}",
            version.trim()
        );
    }
    Ok(())
}
