//! Types of vendors in signatures of ours: who calls them has to depend on the vendor's crate, in our
//! version of it.

/// Crates whose types must not be named, by the beginning of their names.
const VENDORS: [&str; 6] = ["aws_", "redis::", "rten", "s3s", "sqlx", "testcontainers"];

/// Functions that take or give a vendor's type because that is what they are for.
const ALLOWED: [&str; 0] = [];

/// The lines that name a vendor's type.
pub(crate) fn named_in(lines: &[String]) -> impl Iterator<Item = &String> {
    lines.iter().filter(|line| {
        let is_allowed = ALLOWED.iter().any(|function| line.contains(function));
        !is_allowed && VENDORS.iter().any(|vendor| names(line, vendor))
    })
}

/// Whether a path in `line` begins with `vendor`; a module of ours may have the same name further in.
fn names(line: &str, vendor: &str) -> bool {
    let begins = |before: &str| !before.ends_with(|sign: char| sign.is_alphanumeric() || "_:".contains(sign));
    line.match_indices(vendor)
        .any(|(at, _)| begins(&line[..at]) && line[at..].contains("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_vendors_are_told_from_modules_of_ours() {
        let lines = [
            "pub fn ocr_adapters::redis::RedisQueue::connect(ocr_adapters::redis::RedisConfig)",
            "pub fn ocr_adapters::postgres::PgStore::pool(&self) -> &sqlx_core::pool::Pool",
            "pub fn ocr_adapters::s3::client(aws_sdk_s3::client::Client)",
            "impl core::convert::From<redis::errors::RedisError> for ocr_adapters::redis::Failure",
        ]
        .map(str::to_owned);
        let found: Vec<&String> = named_in(&lines).collect();
        assert_eq!(found, lines[1..].iter().collect::<Vec<_>>());
    }
}
