//! What can be chosen by name: adapters, profiles and roles.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// Name of the engine that reads with PP-OCR models.
pub const PPOCR: &str = "ppocr";
/// Name of the engine that runs the program tesseract.
pub const TESSERACT: &str = "tesseract";
/// Name of the engine of AWS.
pub const TEXTRACT: &str = "textract";

/// Defines an enum of names with its parser, which lists the names in its error.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident: $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl $name {
            /// Every choice.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in settings.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("choose one of: {}", [$($text),+].join(", "))),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

names! {
    /// The defaults of the four adapters.
    Profile:
    /// SQLite, a directory, events within the process.
    Embedded = "embedded",
    /// Postgres, Redis and S3.
    Standard = "standard",
}

names! {
    /// Where tasks are kept.
    StoreChoice:
    /// One SQLite file.
    Sqlite = "sqlite",
    /// Postgres.
    Postgres = "postgres",
    /// This process; gone when it ends.
    Memory = "memory",
}

names! {
    /// What hands out work.
    QueueChoice:
    /// One SQLite file.
    Sqlite = "sqlite",
    /// Postgres.
    Postgres = "postgres",
    /// Redis.
    Redis = "redis",
    /// This process; gone when it ends.
    Memory = "memory",
}

names! {
    /// Where documents are kept.
    BlobChoice:
    /// A directory.
    Fs = "fs",
    /// S3, or a server that speaks its protocol.
    S3 = "s3",
    /// This process; gone when it ends.
    Memory = "memory",
}

names! {
    /// What tells other processes of events.
    NotifierChoice:
    /// Nothing: events stay in this process.
    Memory = "memory",
    /// Postgres.
    Postgres = "postgres",
    /// Redis.
    Redis = "redis",
}

names! {
    /// Who may use the server.
    AuthMode:
    /// Whoever connects, on this machine.
    None = "none",
    /// Whoever signs in to an account of this server.
    Local = "local",
    /// Whoever signs in with a provider that speaks OpenID Connect.
    Oidc = "oidc",
}

names! {
    /// Whether page processes give up what they do not need.
    SandboxMode:
    /// As far as this system can do it.
    Auto = "auto",
    /// Completely, or the server does not start.
    Require = "require",
    /// Not at all.
    Off = "off",
}

names! {
    /// How the log is written.
    LogFormat:
    /// Lines for people.
    Text = "text",
    /// One JSON object a line.
    Json = "json",
}

names! {
    /// Something a process does.
    Role:
    /// Serves the API and the WebSocket.
    Api = "api",
    /// Reads documents.
    Worker = "worker",
    /// Tells of changes in the database, whoever made them.
    Listener = "listener",
    /// Keeps the search index as the database is.
    Indexer = "indexer",
    /// Serves health and status.
    Health = "health",
    /// Serves the page on a port of its own.
    Web = "web",
}

/// What a process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Everything.
    pub fn all() -> Self {
        Self(Role::ALL.iter().copied().collect())
    }

    /// Whether `role` is among them.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }
}

impl FromStr for Roles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let roles = words.map(str::parse).collect::<Result<BTreeSet<Role>, _>>()?;
        if roles.is_empty() {
            return Err("a process needs at least one role".into());
        }
        Ok(Self(roles))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|role| role.as_str()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_words_between_commas() {
        let roles: Roles = "worker, api".parse().unwrap();
        assert!(roles.has(Role::Api) && roles.has(Role::Worker) && !roles.has(Role::Web));
        assert_eq!(roles.to_string(), "api,worker");
        assert_eq!(Roles::all().to_string().parse(), Ok(Roles::all()));
        assert!("api,king".parse::<Roles>().unwrap_err().contains("listener"));
        assert!(" ,".parse::<Roles>().is_err());
    }
}
