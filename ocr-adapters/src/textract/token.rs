//! The token by which the service knows a repeated request.

use ocr_core::{digest::sha256_hex, model::Feature};

/// What makes two requests the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenParts<'a> {
    /// Task and generation; see [`ocr_core::engine::Checkpoint::identity`].
    pub(super) identity: &'a str,
    /// How often a job of this generation was lost and had to be started again.
    pub(super) restarts: u32,
    /// SHA-256 of the document.
    pub(super) sha256: &'a str,
    /// Bucket and key.
    pub(super) object: (&'a str, &'a str),
    /// What is to be found beyond the text.
    pub(super) features: &'a [Feature],
    /// Questions.
    pub(super) queries: &'a [String],
    /// Topic of messages, which is a part of the request too.
    pub(super) topic: &'a str,
    /// Role that publishes them.
    pub(super) role: &'a str,
}

impl TokenParts<'_> {
    /// 64 hex digits, the most the service takes. The same parts give the same token, so that a request
    /// that is repeated after a crash is answered with the job it had started; any other part gives
    /// another token, so that it is never refused as a mismatch.
    pub(super) fn token(&self) -> String {
        let mut text = String::new();
        for part in [
            self.identity,
            &self.restarts.to_string(),
            self.sha256,
            self.object.0,
            self.object.1,
            self.topic,
            self.role,
        ] {
            text.push_str(part);
            text.push('\0');
        }
        for feature in self.features {
            text.push_str(feature.as_str());
            text.push('\0');
        }
        for query in self.queries {
            text.push_str(query);
            text.push('\0');
        }
        sha256_hex(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: TokenParts<'static> = TokenParts {
        identity: "task-1",
        restarts: 0,
        sha256: "abc",
        object: ("bucket", "key"),
        features: &[Feature::Tables],
        queries: &[],
        topic: "",
        role: "",
    };

    #[test]
    fn the_service_takes_it() {
        let token = PARTS.token();
        assert!((1..=64).contains(&token.len()));
        assert!(
            token
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert_eq!(token, PARTS.token());
    }

    #[test]
    fn every_part_counts() {
        let queries = ["Who?".to_owned()];
        let others = [
            TokenParts {
                identity: "task-2",
                ..PARTS
            },
            TokenParts { restarts: 1, ..PARTS },
            TokenParts {
                sha256: "abd",
                ..PARTS
            },
            TokenParts {
                object: ("bucket", "other"),
                ..PARTS
            },
            TokenParts {
                features: &[Feature::Tables, Feature::Forms],
                ..PARTS
            },
            TokenParts {
                queries: &queries,
                ..PARTS
            },
            TokenParts {
                topic: "arn",
                ..PARTS
            },
            TokenParts { role: "arn", ..PARTS },
        ];
        let mut tokens: Vec<String> = others.iter().map(TokenParts::token).collect();
        tokens.push(PARTS.token());
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), others.len() + 1);
    }
}
