//! Child processes in which untrusted bytes are decoded and recognised: limited in memory and time, kept
//! warm, killed when they do not answer.

mod config;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod page_process;
mod pool;
mod process;
mod protocol;
mod read_unless_known;

pub use config::ProcessPoolConfig;
pub use page_process::{PageProcessLimits, run_page_process};
pub use pool::ProcessPool;
