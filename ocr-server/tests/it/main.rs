//! The server from outside: a child process on ports and data of its own, spoken to over HTTP and
//! WebSocket as a stranger would.

mod accounts;
mod browser;
mod contract;
mod corrections;
mod crash;
mod dead_letters;
mod deploy;
mod disk;
mod documents;
mod engine;
mod exports;
mod filing;
mod flow;
mod form;
mod hostile;
mod limits;
mod listing;
mod openapi;
mod other_process;
mod page_api;
mod parameters;
mod quotas;
mod refuse;
mod same_bytes;
mod sandbox;
mod scan;
mod search;
mod server;
mod snapshots;
mod socket;
mod spec_examples;
mod standard;
mod start;
mod training;
mod unlock;
mod uploads;
mod watch;

/// The user of tests that need only one.
const USER: &str = "11111111-1111-1111-1111-111111111111";
