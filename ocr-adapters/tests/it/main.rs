//! Every adapter of this crate passes the suites of its port.

#[cfg(feature = "fs")]
mod fs;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
mod postgres_by_hand;
#[cfg(feature = "postgres")]
mod postgres_faults;
#[cfg(feature = "postgres")]
mod postgres_queue;
#[cfg(feature = "postgres")]
mod postgres_schema;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "textract")]
mod textract;
