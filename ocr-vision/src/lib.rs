//! What local engines share: a document becomes pages, pages are read in parallel.
//!
//! Untrusted bytes are decoded and recognised in child processes of limited memory and time
//! ([`ProcessPool`]), so that a hostile or unlucky document costs a child and never the platform.
//! A library user who trusts the documents may choose [`Execution::InProcess`].

mod driver;
mod engine;
mod page_process;
mod page_source;
mod pictures;
mod pool;
mod process;
mod protocol;
mod scan;
mod source;

pub use driver::ReadOptions;
pub use engine::{Execution, LocalEngine};
pub use page_process::{PageProcessLimits, run_page_process};
pub use page_source::{OpenPages, PageSource};
pub use pictures::PagePictures;
pub use pool::{ProcessPool, ProcessPoolConfig};
pub use scan::{Scan, ScanLimits};

#[cfg(feature = "textract")]
pub(crate) use driver::{Tolerance, cancellable, forgiving, is_about_the_page, wanted_pages};
