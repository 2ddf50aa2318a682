//! Why a page process ended, as the owner of a document is told.

use std::process::ExitStatus;

use ocr_core::ErrorKind;

/// What the status of a process that ended over a page says of the page.
///
/// Memory that is refused ends a process by abort, and so does a stack that is full; the kernel kills when the machine has
/// none left.
#[cfg(unix)]
pub(super) fn of(status: ExitStatus) -> ErrorKind {
    use std::os::unix::process::ExitStatusExt as _;

    use rustix::process::Signal;
    let Some(signal) = status.signal() else {
        return ErrorKind::Crashed;
    };
    let is = |other: Signal| signal == other.as_raw();
    if is(Signal::XCPU) {
        ErrorKind::OutOfTime
    } else if is(Signal::ABORT) || is(Signal::KILL) {
        ErrorKind::OutOfMemory
    } else {
        ErrorKind::Crashed
    }
}

#[cfg(not(unix))]
pub(super) fn of(_status: ExitStatus) -> ErrorKind {
    ErrorKind::Crashed
}

/// The sentence for the owner of a document that ended two processes, of `subject`.
pub(super) fn sentence(kind: ErrorKind, subject: &str) -> String {
    match kind {
        ErrorKind::OutOfMemory => format!("{subject} needs more memory than is allowed"),
        ErrorKind::OutOfTime => format!("{subject} needs more time than is allowed"),
        _ => format!("{subject} stopped the program that reads it"),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_status_says_what_there_was_too_much_of() {
        let ended = |script: &str| of(Command::new("/bin/sh").args(["-c", script]).status().unwrap());
        assert_eq!(ended("kill -XCPU $$"), ErrorKind::OutOfTime);
        assert_eq!(ended("kill -ABRT $$"), ErrorKind::OutOfMemory);
        assert_eq!(ended("kill -KILL $$"), ErrorKind::OutOfMemory);
        assert_eq!(ended("kill -SEGV $$"), ErrorKind::Crashed);
        assert_eq!(ended("exit 3"), ErrorKind::Crashed);
    }
}
