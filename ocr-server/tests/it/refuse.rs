//! Requests that are refused.
