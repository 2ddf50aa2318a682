//! Files, TCP ports and processes outside, by Landlock.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, LandlockStatus, RestrictionStatus, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::Reach;
use crate::sandbox::access::PageProcessAccess;

/// The version of Landlock whose refusals are asked for: Linux 6.12. An older kernel refuses what it can.
const VERSION: ABI = ABI::V6;

/// Where libraries lie that are loaded by name. Everybody may read them on every system.
const LIBRARIES: [&str; 7] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/nix/store",
    "/gnu/store",
];

/// What libraries ask about the machine to choose their instructions and their number of threads.
const MACHINE: [&str; 7] = [
    "/etc/ld.so.cache",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self/cgroup",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

/// What stands in for input and output that a program is not given.
const NOWHERE: [&str; 1] = ["/dev/null"];

/// Refuses every file that is not allowed, TCP, and signals to processes outside; what is open stays open.
pub(super) fn restrict(access: &PageProcessAccess) -> Reach {
    match apply(access) {
        Ok(status) => reach(&status),
        Err(error) => Reach::Nothing(format!("files are not refused: {error}")),
    }
}

fn apply(access: &PageProcessAccess) -> Result<RestrictionStatus, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let run = read | AccessFs::Execute;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(VERSION))?
        .handle_access(AccessNet::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))?
        .create()?
        .add_rules(path_beneath_rules(MACHINE, read))?
        .add_rules(path_beneath_rules(&access.read, read))?;
    let rules = if access.run.is_empty() {
        rules.add_rules(path_beneath_rules(LIBRARIES, read))?
    } else {
        // A program is started by its loader, which is one of the libraries.
        rules
            .add_rules(path_beneath_rules(LIBRARIES, run))?
            .add_rules(path_beneath_rules(&access.run, run))?
            .add_rules(path_beneath_rules(
                NOWHERE,
                AccessFs::ReadFile | AccessFs::WriteFile,
            ))?
    };
    rules.restrict_self()
}

fn reach(status: &RestrictionStatus) -> Reach {
    match (&status.ruleset, status.landlock) {
        (RulesetStatus::FullyEnforced, _) => Reach::Whole,
        (RulesetStatus::PartiallyEnforced, LandlockStatus::Available { effective_abi, .. }) => {
            Reach::Part(format!(
                "this kernel has version {effective_abi} of Landlock, and {VERSION} (Linux 6.12) refuses everything"
            ))
        }
        (_, LandlockStatus::NotEnabled) => {
            Reach::Nothing("files are not refused: Landlock is switched off in this kernel".into())
        }
        _ => Reach::Nothing(
            "files are not refused: this kernel has no Landlock, which came with Linux 5.13".into(),
        ),
    }
}
