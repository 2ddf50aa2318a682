//! What a page process limits itself to: memory, processor time, open files.

use std::{io, time::Duration};

/// Maximum number of open files: pipes, libraries and models while they are loaded, the pipes of a program.
#[cfg(unix)]
const MAX_FILES: u64 = 64;

/// Limits address space to `memory_bytes`, and what may be open; leaves no core file, which would hold documents.
///
/// # Errors
/// When the system refuses a limit.
#[cfg(unix)]
pub(super) fn limit(memory_bytes: u64) -> io::Result<()> {
    use rlimit::Resource;
    Resource::AS.set(memory_bytes, memory_bytes)?;
    Resource::CORE.set(0, 0)?;
    let files = Resource::NOFILE.get_hard()?.min(MAX_FILES);
    Resource::NOFILE.set(files, files)
}

#[cfg(not(unix))]
pub(super) fn limit(_memory_bytes: u64) -> io::Result<()> {
    Ok(())
}

/// Lets this process use `time` of the processors from now on, on all threads together, and a program that it starts as
/// much again. Whoever uses more is ended by the system (SIGXCPU).
///
/// # Errors
/// When the system refuses the limit.
#[cfg(unix)]
pub(super) fn allow_processor_time(time: Duration) -> io::Result<()> {
    use rlimit::Resource;
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime).tv_sec;
    let hard = Resource::CPU.get_hard()?;
    // Whole seconds, and one for what is left of the present one.
    let until = used
        .unsigned_abs()
        .saturating_add(time.as_secs().saturating_add(1));
    Resource::CPU.set(until.min(hard), hard)
}

#[cfg(not(unix))]
pub(super) fn allow_processor_time(_time: Duration) -> io::Result<()> {
    Ok(())
}

/// Lets nobody of the same user look into the memory of this process, and, unless it runs `programs`, ends it with
/// its parent.
///
/// The end of the input says the same, also of a parent that ended before this call: this is for when nobody here reads
/// it any more. Programs would be left behind, so that only the end of the input ends who runs them.
///
/// # Errors
/// When the system refuses.
#[cfg(target_os = "linux")]
pub(super) fn belong_to_parent(programs: bool) -> io::Result<()> {
    use rustix::process::{DumpableBehavior, Signal, set_dumpable_behavior, set_parent_process_death_signal};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    if !programs {
        set_parent_process_death_signal(Some(Signal::KILL))?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn belong_to_parent(_programs: bool) -> io::Result<()> {
    Ok(())
}
