//! Checks of `Origin` and `Host`: protection against cross-site requests and DNS rebinding, with and without a
//! sign-in.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};

use super::{
    HttpSettings,
    problem::Problem,
    rate_gate::{RATE_LIMIT, RATE_LIMIT_POLICY},
    site::Site,
    state::AppState,
};

/// Headers of answers that pages may read beyond the usual ones.
const EXPOSED: [HeaderName; 6] = [
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("idempotent-replayed"),
    HeaderName::from_static("x-request-id"),
    RATE_LIMIT,
    RATE_LIMIT_POLICY,
];
/// How long a browser may remember what it was allowed to send.
const PREFLIGHT_AGE: Duration = Duration::from_mins(10);

/// Refuses requests that a page of another site makes a browser send: an `Origin` that is not ours,
/// or a `Host` under which nobody set this server up (DNS rebinding).
pub(crate) async fn same_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (headers, settings) = (request.headers(), &state.settings);
    let site = settings.site.as_ref();
    if !host_is_ours(headers, site, settings.public) {
        return refuse(
            "this server does not answer under this name; OCR_PUBLIC_URL sets the one that clients use",
        );
    }
    if !origin_is_ours(headers, site, &settings.page_ports) {
        return refuse("requests from pages of other sites are refused");
    }
    next.run(request).await
}

/// Lets pages read answers wherever [`same_site`] lets them ask: the page may be served by another
/// port of this server.
pub(crate) fn cross_origin(settings: Arc<HttpSettings>) -> CorsLayer {
    let ours = AllowOrigin::predicate(move |_, request| {
        origin_is_ours(&request.headers, settings.site.as_ref(), &settings.page_ports)
    });
    CorsLayer::new()
        .allow_origin(ours)
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED)
        .max_age(PREFLIGHT_AGE)
}

fn refuse(detail: &str) -> Response {
    Problem::new(StatusCode::FORBIDDEN, "permission_denied", detail).into_response()
}

/// A name of this machine or of the site that was set up. A server for other machines answers under
/// every name until its site is set up. IP addresses and names without a dot stay allowed after that:
/// machines of the local network use them, and an attacker cannot register them.
fn host_is_ours(headers: &HeaderMap, site: Option<&Site>, public: bool) -> bool {
    let host = match headers.get(header::HOST).map(HeaderValue::to_str) {
        Some(Ok(host)) => host_of(host),
        Some(Err(_)) => return false,
        None => return true,
    };
    let named = site.is_some_and(|site| host.eq_ignore_ascii_case(site.host()));
    let beside = || site.is_none() || host.parse::<IpAddr>().is_ok() || !host.contains('.');
    is_local(host) || named || (public && beside())
}

/// No `Origin` (programs, plain navigation), this very host and port, the site that was set up, or the ports
/// of this machine on which this server has its page. Other programs of this machine serve pages too, and
/// not all of them are to be trusted.
fn origin_is_ours(headers: &HeaderMap, site: Option<&Site>, page_ports: &[u16]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    if site.is_some_and(|site| origin.parse().as_ref() == Ok(site)) {
        return true;
    }
    let Some((_, authority)) = origin.split_once("://") else {
        return false;
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let page = || {
        let asked = origin.parse::<Site>();
        asked.is_ok_and(|asked| is_local(asked.host()) && page_ports.contains(&asked.port()))
    };
    host.is_some_and(|host| host.eq_ignore_ascii_case(authority)) || page()
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

    fn headers(host: &'static str, origin: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    fn site() -> Site {
        "https://ocr.example/app".parse().unwrap()
    }

    #[test]
    fn only_names_of_this_machine_are_hosts() {
        let ours = |host| host_is_ours(&headers(host, None), None, false);
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"] {
            assert!(ours(host), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080"] {
            assert!(!ours(host), "{host}");
        }
    }

    #[test]
    fn a_site_that_is_set_up_is_a_host_too() {
        let (site, host) = (site(), |host| headers(host, None));
        for public in [false, true] {
            assert!(host_is_ours(&host("OCR.example"), Some(&site), public));
            assert!(host_is_ours(&host("localhost"), Some(&site), public));
            assert!(!host_is_ours(&host("evil.example"), Some(&site), public));
        }
        for beside in ["10.0.0.1:8080", "ocr-server:8080"] {
            assert!(host_is_ours(&host(beside), Some(&site), true), "{beside}");
            assert!(!host_is_ours(&host(beside), Some(&site), false), "{beside}");
        }
        assert!(host_is_ours(&host("any.example"), None, true));
    }

    #[test]
    fn pages_of_other_sites_are_strangers() {
        let ours = |origin| origin_is_ours(&headers("localhost:8080", Some(origin)), None, &[8080, 3000]);
        assert!(ours("http://localhost:3000") && ours("http://127.0.0.1:8080") && ours("http://[::1]:3000"));
        assert!(
            !ours("http://localhost:9999") && !ours("http://localhost") && !ours("http://evil.example:3000")
        );
        assert!(!ours("https://evil.example") && !ours("null") && !ours("http://localhost.evil.example"));
        let proxied = |origin| origin_is_ours(&headers("10.0.0.1", Some(origin)), Some(&site()), &[]);
        assert!(proxied("https://ocr.example") && !proxied("http://ocr.example:81"));
        assert!(origin_is_ours(
            &headers("ocr.example", Some("https://ocr.example")),
            None,
            &[]
        ));
        assert!(origin_is_ours(&headers("localhost", None), None, &[]));
    }
}
