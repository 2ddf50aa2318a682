//! The page in a real Chromium, used as a person would.

mod accessible;
mod accounts;
mod chromium;
mod corrections;
mod filing;
mod limits;
mod live;
mod manage;
mod many;
mod proxy;
mod read;
mod safe;
mod search;
mod send;
mod set_aside;
mod sharing;
mod why;
