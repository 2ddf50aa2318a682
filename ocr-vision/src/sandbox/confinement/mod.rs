//! What the kernel takes from a page process before it reads the first byte of a document.

#[cfg(target_os = "linux")]
mod files;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod system_calls;

use std::{fmt, io, thread};

use super::access::{Confine, PageProcessAccess};

/// What keeps a page process from the files and the network of its machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Confinement {
    /// The kernel refuses everything that is not allowed.
    Complete,
    /// The kernel refuses a part of it.
    Partial {
        /// What it does not refuse, and why.
        missing: Vec<String>,
    },
    /// Nothing does.
    None {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("complete"),
            Self::Partial { missing } => write!(f, "partial: {}", missing.join("; ")),
            Self::None { reason } => write!(f, "none: {reason}"),
        }
    }
}

impl Confinement {
    /// What this system could take from a page process. A thread that ends right after is confined to find out; this
    /// process keeps everything.
    pub fn of_this_system() -> Self {
        let tried = thread::spawn(|| restrict(&PageProcessAccess::none())).join();
        tried.unwrap_or_else(|_| Self::None {
            reason: "it could not be tried".into(),
        })
    }
}

/// How far one means of the kernel went.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux has such means")
)]
enum Reach {
    /// Everything is refused.
    Whole,
    /// A part is refused; what is not.
    Part(String),
    /// Nothing is refused; why.
    Nothing(String),
}

/// Gives up everything but `access`, in this thread and those it starts: what no thread is to keep is given up before
/// the second one.
///
/// # Errors
/// When it is required and cannot be done completely.
pub(super) fn confine(access: &PageProcessAccess) -> io::Result<Confinement> {
    if access.confine == Confine::Off {
        return Ok(Confinement::None {
            reason: "it is switched off".into(),
        });
    }
    let confinement = restrict(access);
    if access.confine == Confine::Required && confinement != Confinement::Complete {
        return Err(io::Error::other(format!(
            "page processes must be confined, and here that is {confinement}"
        )));
    }
    Ok(confinement)
}

#[cfg(target_os = "linux")]
fn restrict(access: &PageProcessAccess) -> Confinement {
    // Files first: the filter of system calls could be in the way.
    let files = files::restrict(access);
    combined([files, system_calls_without(access)])
}

#[cfg(not(target_os = "linux"))]
fn restrict(_access: &PageProcessAccess) -> Confinement {
    Confinement::None {
        reason: "it is not available on this system; Linux has it".into(),
    }
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn system_calls_without(access: &PageProcessAccess) -> Reach {
    system_calls::restrict(!access.run.is_empty())
}

#[cfg(all(
    target_os = "linux",
    not(any(target_arch = "x86_64", target_arch = "aarch64"))
))]
fn system_calls_without(_access: &PageProcessAccess) -> Reach {
    Reach::Nothing("system calls are not filtered on this processor".into())
}

#[cfg(target_os = "linux")]
fn combined(reaches: [Reach; 2]) -> Confinement {
    let any = reaches.iter().any(|reach| !matches!(reach, Reach::Nothing(_)));
    let missing: Vec<String> = reaches
        .into_iter()
        .filter_map(|reach| match reach {
            Reach::Whole => None,
            Reach::Part(missing) | Reach::Nothing(missing) => Some(missing),
        })
        .collect();
    match (missing.is_empty(), any) {
        (true, _) => Confinement::Complete,
        (false, true) => Confinement::Partial { missing },
        (false, false) => Confinement::None {
            reason: missing.join("; "),
        },
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn it_is_complete_when_nothing_is_missing_and_none_when_nothing_is_refused() {
        let part = || Reach::Part("old".into());
        let nothing = || Reach::Nothing("off".into());
        assert_eq!(combined([Reach::Whole, Reach::Whole]), Confinement::Complete);
        assert_eq!(combined([part(), Reach::Whole]).to_string(), "partial: old");
        assert_eq!(combined([Reach::Whole, nothing()]).to_string(), "partial: off");
        assert_eq!(combined([nothing(), nothing()]).to_string(), "none: off; off");
    }

    #[test]
    fn it_can_be_switched_off() {
        let access = PageProcessAccess::none().with_confine(Confine::Off);
        assert!(matches!(confine(&access), Ok(Confinement::None { .. })));
    }
}
