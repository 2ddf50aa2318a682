//! The way from HTTP to HTTPS.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};

/// Answers every request with the same address over TLS: under `public_url` where that is https, else under the host
/// that was asked, on `port`.
pub fn redirect_router(public_url: Option<String>, port: u16) -> Router {
    let public_url = public_url.filter(|url| url.starts_with("https://"));
    Router::new()
        .fallback(redirected)
        .with_state(Target { public_url, port })
}

#[derive(Debug, Clone)]
struct Target {
    public_url: Option<String>,
    port: u16,
}

async fn redirected(State(target): State<Target>, request: Request) -> Response {
    let host = request.headers().get(header::HOST);
    match target.of(host, request.uri()) {
        Some(location) => {
            let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
            response.headers_mut().insert(header::LOCATION, location);
            response
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

impl Target {
    fn of(&self, host: Option<&HeaderValue>, asked: &Uri) -> Option<HeaderValue> {
        let base = if let Some(url) = &self.public_url {
            url.trim_end_matches('/').to_owned()
        } else {
            let host: Authority = host?.to_str().ok()?.parse().ok()?;
            let name = Some(host.host()).filter(|name| !name.is_empty())?;
            match self.port {
                443 => format!("https://{name}"),
                port => format!("https://{name}:{port}"),
            }
        };
        let path = asked.path_and_query().map_or("/", |path| path.as_str());
        HeaderValue::try_from(format!("{base}{path}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(public_url: Option<&str>, port: u16, host: Option<&'static str>) -> Option<String> {
        let target = Target {
            public_url: public_url.map(str::to_owned),
            port,
        };
        let host = host.map(HeaderValue::from_static);
        let location = target.of(host.as_ref(), &Uri::from_static("/api/tasks?limit=5"))?;
        location.to_str().ok().map(str::to_owned)
    }

    #[test]
    fn the_same_address_is_asked_over_tls() {
        let path = "/api/tasks?limit=5";
        let to = |base: &str| Some(format!("{base}{path}"));
        assert_eq!(
            target(None, 443, Some("ocr.example:80")),
            to("https://ocr.example")
        );
        assert_eq!(target(None, 8080, Some("[::1]:80")), to("https://[::1]:8080"));
        let named = Some("https://ocr.example/");
        assert_eq!(
            target(named, 8080, Some("other.example")),
            to("https://ocr.example")
        );
        assert_eq!(target(named, 8080, None), to("https://ocr.example"));
        assert_eq!(target(None, 443, None), None);
        assert_eq!(target(None, 443, Some("a b")), None);
        assert_eq!(
            target(None, 443, Some("user@evil.example")),
            to("https://evil.example")
        );
    }
}
