//! Passwords in bodies of requests.

use serde::{Deserialize, Deserializer, de::Error as _};

/// Reads a password. The error for something else does not repeat it: a password of digits that was sent as a number
/// is still a password, and errors are answered and logged.
///
/// # Errors
/// When it is no string.
pub(crate) fn unrepeated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map_err(|_| D::Error::custom("a password is a string"))
}

/// The same of a password that may be left out.
///
/// # Errors
/// When it is neither a string nor null.
pub(crate) fn unrepeated_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(deserializer).map_err(|_| D::Error::custom("a password is a string"))
}

#[cfg(test)]
mod tests {
    use super::super::{
        links::SetUp,
        own::ChangePassword,
        sign_in::Login,
        tokens::{SentRefreshToken, WantedTokens},
    };
    use serde::de::DeserializeOwned;

    fn error<T: DeserializeOwned>(body: &str) -> String {
        let read = serde_json::from_str::<T>(body);
        read.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_password_that_is_no_string_is_not_repeated() {
        for secret in ["70707070", "[70707070]", "{\"70707070\": 1}", "70707070.5"] {
            for told in [
                error::<Login>(&format!("{{\"name\": \"ada\", \"password\": {secret}}}")),
                error::<SetUp>(&format!(
                    "{{\"token\": \"t\", \"name\": \"ada\", \"password\": {secret}}}"
                )),
                error::<WantedTokens>(&format!("{{\"name\": \"ada\", \"password\": {secret}}}")),
                error::<SentRefreshToken>(&format!("{{\"refreshToken\": {secret}}}")),
                error::<ChangePassword>(&format!("{{\"present\": {secret}, \"password\": \"x\"}}")),
                error::<ChangePassword>(&format!("{{\"present\": \"x\", \"password\": {secret}}}")),
            ] {
                assert!(told.contains("a password is a string"), "{told}");
                assert!(!told.contains("7070"), "{told}");
            }
        }
    }

    #[test]
    fn a_password_that_is_a_string_is_read() {
        assert_eq!(
            error::<WantedTokens>("{\"name\": \"ada\", \"password\": \"x\"}"),
            ""
        );
        assert_eq!(error::<WantedTokens>("{}"), "");
        assert_eq!(error::<Login>("{\"name\": \"ada\", \"password\": \"x\"}"), "");
    }
}
