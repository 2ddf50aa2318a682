//! Scheme, host and port of a web site: what browsers call an origin.

use std::str::FromStr;

use axum::http::Uri;

/// Scheme, host and port of a web site, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    scheme: String,
    host: String,
    port: u16,
}

impl Site {
    /// Whether it is reached over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl FromStr for Site {
    type Err = &'static str;

    /// The site of an `http` or `https` address; its path is left out.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| "this is no address")?;
        let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err("an address begins with http:// or https://"),
        };
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if host.is_empty() {
            return Err("the address names no host");
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port: uri.port_u16().unwrap_or(default_port),
            scheme,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_scheme_host_and_port() {
        let site = |text: &str| text.parse::<Site>();
        assert_eq!(site("https://OCR.example/app"), site("https://ocr.example:443"));
        assert_ne!(site("https://ocr.example"), site("http://ocr.example"));
        assert_ne!(site("https://ocr.example"), site("https://ocr.example:8443"));
        assert_eq!(site("http://[::1]:8080").unwrap().host(), "::1");
        for odd in ["null", "ocr.example", "ftp://ocr.example", "https://", "", "/x"] {
            assert!(site(odd).is_err(), "{odd}");
        }
    }
}
