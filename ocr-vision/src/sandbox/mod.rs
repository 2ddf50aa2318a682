//! Child processes in which untrusted bytes are decoded and recognised: limited in memory and time, without files and
//! network where the system can do that, kept warm, killed when they do not answer.

mod access;
mod config;
mod confinement;
mod ending;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod incoming;
mod page_process;
mod pool;
mod process;
mod protocol;
mod read_unless_known;
mod resources;
#[cfg(all(test, target_os = "linux"))]
mod tests;

pub use access::{Confine, PageProcessAccess};
pub use config::ProcessPoolConfig;
pub use confinement::Confinement;
pub use page_process::{PageProcessLimits, run_page_process};
pub use pool::ProcessPool;
