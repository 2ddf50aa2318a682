//! Keeps other web sites out of a server that asks nobody to sign in.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{problem::Problem, state::AppState};

/// Refuses requests that a page of another site makes a browser send: an `Origin` that is not ours,
/// or a `Host` that is no name of this machine (DNS rebinding).
pub(crate) async fn same_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !state.settings.allow_public_no_auth && !host_is_local(headers) {
        return refuse("this server answers under the names of this machine only");
    }
    if !origin_is_ours(headers, state.settings.public_url.as_deref()) {
        return refuse("requests from pages of other sites are refused");
    }
    next.run(request).await
}

fn refuse(detail: &str) -> Response {
    Problem::new(StatusCode::FORBIDDEN, "permission_denied", detail).into_response()
}

fn host_is_local(headers: &HeaderMap) -> bool {
    match headers.get(header::HOST).map(|host| host.to_str()) {
        Some(Ok(host)) => is_local(host_of(host)),
        Some(Err(_)) => false,
        None => true,
    }
}

/// No `Origin` (programs, plain navigation), this very host, or another port of this machine.
fn origin_is_ours(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    if public_url.is_some_and(|url| url.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let Some((_, authority)) = origin.split_once("://") else {
        return false;
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    is_local(host_of(authority)) || host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// The host of `host:port` or `[v6]:port`.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => authority.split(':').next().unwrap_or(authority),
    }
}

fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(host: &'static str, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn only_names_of_this_machine_are_hosts() {
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"] {
            assert!(host_is_local(&headers(host, None)), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080"] {
            assert!(!host_is_local(&headers(host, None)), "{host}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_strangers() {
        let ours = |origin| origin_is_ours(&headers("localhost:8080", Some(origin)), None);
        assert!(ours("http://localhost:3000") && ours("http://127.0.0.1:8080"));
        assert!(!ours("https://evil.example") && !ours("null") && !ours("http://localhost.evil.example"));
        assert!(origin_is_ours(
            &headers("ocr.example", Some("https://ocr.example")),
            None
        ));
        assert!(origin_is_ours(&headers("localhost", None), None));
    }
}
