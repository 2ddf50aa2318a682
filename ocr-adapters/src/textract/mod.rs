//! Recognition by AWS Textract.
//!
//! # What goes where
//! A document is opened on this machine first, where untrusted bytes may be decoded: what is no document is
//! refused before it costs anything, and pages that carry their own exact text are read from it for nothing.
//! The rest goes to the service: a file that is in S3 in its region as it is, at once or as a job; everything
//! else page by page, as pictures we draw.
//!
//! # Money
//! A job that is paid for is noted before and after it is started, so that whoever takes over after a crash
//! goes on with it. What the service bills is added up in the same notes. Prices are data: see [`PriceBook`].
//!
//! # Quotas
//! The rate of each operation and the number of running jobs are limited. A call that would wait too long,
//! or is throttled repeatedly, gets a [`RateLimited`](ocr_core::ErrorKind::RateLimited) error: the task goes
//! back into the queue and no attempt is counted.

mod again;
mod at_once;
mod begin;
mod blocks;
mod calls;
mod client;
mod config;
mod engine;
mod errors;
mod in_flight;
mod job;
mod notes;
mod page_run;
mod pagination;
mod poller;
mod prices;
mod quota;
mod routing;
mod service;
mod sqs;
mod token;

// What lies between the engine and the SDK names types of the SDK: it is there for tests, and changes with the SDK.
#[doc(hidden)]
pub use client::{Answer, Channel, Input, JobPart, JobRef, NewJob, TextractApi, Wanted};
pub use config::{Completion, PollPolicy, SqsPolicy, TextractConfig, TextractLimits, TextractTimeouts};
pub use engine::TextractEngine;
pub use errors::{Fault, FaultKind};
pub use prices::PriceBook;
pub use quota::{Operation, QuotaProfile};
pub use sqs::{Message, MessageQueue};
