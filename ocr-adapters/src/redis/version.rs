//! What the server is, looked at once at the start.

use ocr_core::{Error, ErrorKind, Result};

use super::link::Link;

/// The oldest server whose scripts and commands are the ones we use.
const OLDEST: u32 = 7;
/// The only policy under which no item of the queue disappears by itself.
const KEEPS_KEYS: &str = "noeviction";

/// Refuses servers that are too old, and warns of those that may drop keys.
pub(super) async fn check(link: &Link) -> Result<()> {
    let info: String = link
        .run("open", async |mut connection| {
            redis::cmd("INFO")
                .arg("server")
                .arg("memory")
                .query_async(&mut connection)
                .await
        })
        .await?;
    judge(&info)?;
    let policy = field(&info, "maxmemory_policy").unwrap_or(KEEPS_KEYS);
    if policy != KEEPS_KEYS {
        tracing::warn!(
            server = link.name(),
            policy,
            "Redis may drop items of the queue when its memory is full; set maxmemory-policy noeviction"
        );
    }
    Ok(())
}

fn judge(info: &str) -> Result<()> {
    let version = field(info, "redis_version").unwrap_or("unknown");
    let major = version
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST) {
        let message = format!("Redis {version} is too old; install Redis {OLDEST} or newer");
        return Err(Error::new(ErrorKind::Config, message).at("redis", "open"));
    }
    Ok(())
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    let lines = info.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(key, _)| *key == name).map(|(_, value)| value);
    values.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_are_refused() {
        for (info, accepted) in [
            (
                "# Server\r\nredis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n",
                true,
            ),
            ("redis_version:10.0.0", true),
            ("redis_version:6.2.14", false),
            ("redis_version:x", false),
            ("", false),
        ] {
            assert_eq!(judge(info).is_ok(), accepted, "{info}");
        }
    }
}
