//! Signing in with a provider: the way there and back as a browser goes it, and what is refused on it.

use ocr_testkit::oidc::{CLIENT_ID, CLIENT_SECRET, Misbehaviour, OidcProvider};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, admin, browser, try_sign_in};
use crate::server::{Server, json, problem, program};

const GROUP: &str = "ocr-admins";

fn settings<'s>(provider: &'s OidcProvider, more: &[(&'s str, &'s str)]) -> Vec<(&'s str, &'s str)> {
    let mut settings = vec![
        ("OCR_AUTH", "oidc"),
        ("OCR_ROLES", "api,listener,health"),
        ("OCR_OIDC_ISSUER", provider.issuer()),
        ("OCR_OIDC_CLIENT_ID", CLIENT_ID),
        ("OCR_OIDC_CLIENT_SECRET", CLIENT_SECRET),
    ];
    settings.extend_from_slice(more);
    settings
}

/// A server at which whoever the provider knows is given an account.
async fn welcoming(provider: &OidcProvider) -> Server {
    Server::start(&settings(provider, &[("OCR_OIDC_CREATE_USERS", "true")])).await
}

fn location(response: &Response) -> String {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// A sign-in that was begun: where the browser is sent, and the cookie that it was given.
struct Begun {
    provider: String,
    cookie: String,
}

async fn begin(server: &Server, query: &str) -> Begun {
    let response = server.get(&format!("/oidc/sign-in{query}")).await;
    let cookie = response.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    for part in ["ocr-oidc=", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    Begun {
        provider: location(&response),
        cookie: cookie.split(';').next().unwrap().to_owned(),
    }
}

impl Begun {
    /// The address at which the provider sends the browser back.
    async fn at_provider(&self, server: &Server) -> String {
        location(&server.http.get(&self.provider).send().await.unwrap())
    }

    async fn returns(&self, server: &Server, address: &str) -> Response {
        let request = server.http.get(address).header(header::COOKIE, &self.cookie);
        request
            .header("sec-fetch-site", "cross-site")
            .send()
            .await
            .unwrap()
    }
}

/// The whole way, up to where the page goes on.
async fn go(server: &Server) -> Response {
    let begun = begin(server, "").await;
    let back = begun.at_provider(server).await;
    begun.returns(server, &back).await
}

fn welcomed(server: &Server, response: &Response) -> Visitor {
    assert_eq!(location(response), server.url("/#/documents"));
    browser(response)
}

/// That nobody was signed in, for this reason.
fn refused(response: &Response, reason: &str) {
    let address = location(response);
    assert!(
        address.ends_with(&format!("/#/documents?signIn={reason}")),
        "{reason}: {address}"
    );
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.starts_with("ocr-oidc=;") && cookie.contains("Max-Age=0"),
            "{cookie}"
        );
    }
}

async fn user(server: &Server, visitor: &Visitor) -> Value {
    let session = json(visitor.get(server, "/api/session").await, StatusCode::OK).await;
    assert_eq!(session["data"]["auth"], "oidc");
    session["data"]["user"].clone()
}

#[tokio::test]
async fn whoever_the_provider_knows_is_signed_in_as_the_same_person_again() {
    let provider = OidcProvider::start().await;
    let server = welcoming(&provider).await;
    let nobody = json(server.get("/api/session").await, StatusCode::OK).await;
    assert_eq!(
        nobody["data"],
        json!({"auth": "oidc", "user": null, "setUpNeeded": false})
    );
    assert!(
        !server.log().contains("set-up"),
        "administrators are those of the provider"
    );

    provider.sign_in_as(json!({"sub": "1", "preferred_username": "Ada", "email": "ada@example.com"}));
    let ada = welcomed(&server, &go(&server).await);
    let first = user(&server, &ada).await;
    assert_eq!(
        (first["name"].as_str(), first["role"].as_str()),
        (Some("ada"), Some("user"))
    );
    assert_eq!(ada.get(&server, "/api/tasks").await.status(), StatusCode::OK);

    provider.sign_in_as(json!({"sub": "1", "preferred_username": "countess"}));
    let again = welcomed(&server, &go(&server).await);
    assert_eq!(
        user(&server, &again).await,
        first,
        "the subject counts, not the name"
    );
    provider.sign_in_as(json!({"sub": "2", "preferred_username": "ada", "email": "ada@example.com"}));
    let other = user(&server, &welcomed(&server, &go(&server).await)).await;
    assert_ne!(other["id"], first["id"]);
    assert_eq!(
        other["name"], "ada@example.com",
        "a name that is taken stays with whom it belongs to"
    );

    json(
        ada.post(&server, "/api/sign-out", &json!({})).await,
        StatusCode::OK,
    )
    .await;
    problem(ada.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
    let leaving = location(&server.get("/oidc/sign-out").await);
    assert!(
        leaving.starts_with(&format!("{}/end-session?", provider.issuer())),
        "{leaving}"
    );
    assert!(leaving.contains("client_id=ocr") && leaving.contains("post_logout_redirect_uri=http"));
}

#[tokio::test]
async fn a_token_that_proves_nothing_signs_nobody_in() {
    let provider = OidcProvider::start().await;
    let server = welcoming(&provider).await;
    for misbehaviour in [
        Misbehaviour::WrongNonce,
        Misbehaviour::Expired,
        Misbehaviour::Unsigned,
        Misbehaviour::SignedWithClientSecret,
        Misbehaviour::WrongAudience,
        Misbehaviour::WrongIssuer,
        Misbehaviour::WrongSignature,
    ] {
        provider.misbehave(misbehaviour);
        let response = go(&server).await;
        assert_ne!(response.status(), StatusCode::OK, "{misbehaviour:?}");
        refused(&response, "token");
    }
    provider.misbehave(Misbehaviour::Denies);
    refused(&go(&server).await, "denied");
    provider.misbehave(Misbehaviour::None);
    welcomed(&server, &go(&server).await);
    let audit = admin(&server, &["audit"], "");
    assert_eq!(audit.matches("sign_in_failed").count(), 7, "{audit}");
    assert_eq!(audit.matches("account_created").count(), 1, "{audit}");
}

#[tokio::test]
async fn what_comes_back_belongs_to_what_was_begun() {
    let provider = OidcProvider::start().await;
    let server = welcoming(&provider).await;
    let begun = begin(&server, "").await;
    let back = begun.at_provider(&server).await;

    refused(&server.http.get(&back).send().await.unwrap(), "expired");
    let other = begin(&server, "").await;
    refused(&other.returns(&server, &back).await, "state");
    let forged = back.replace("state=", "state=0");
    refused(&begun.returns(&server, &forged).await, "state");
    let mixed = format!("{back}&iss=https%3A%2F%2Fanother.example");
    refused(&begun.returns(&server, &mixed).await, "state");
    let twice = format!("{back}&state=x");
    refused(&begun.returns(&server, &twice).await, "state");
    refused(
        &begun.returns(&server, &back.replace("code=", "other=")).await,
        "provider",
    );

    welcomed(&server, &begun.returns(&server, &back).await);
    refused(&begun.returns(&server, &back).await, "provider");

    // The code of somebody else's sign-in needs the verifier that only their browser leads to.
    let (mine, theirs) = (begin(&server, "").await, begin(&server, "").await);
    let code = |address: &str| {
        let (_, rest) = address.split_once("code=").unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    let (my_way, their_way) = (mine.at_provider(&server).await, theirs.at_provider(&server).await);
    let injected = my_way.replace(&code(&my_way), &code(&their_way));
    refused(&mine.returns(&server, &injected).await, "provider");
}

#[tokio::test]
async fn the_provider_may_change_its_keys() {
    let provider = OidcProvider::start().await;
    let server = welcoming(&provider).await;
    welcomed(&server, &go(&server).await);
    provider.rotate();
    welcomed(&server, &go(&server).await);
    provider.rotate();
    welcomed(&server, &go(&server).await);
}

#[tokio::test]
async fn roles_are_those_of_the_groups_at_each_sign_in() {
    let provider = OidcProvider::start().await;
    let more = [
        ("OCR_OIDC_CREATE_USERS", "true"),
        ("OCR_OIDC_ADMIN_GROUP", GROUP),
        ("OCR_OIDC_GROUPS_CLAIM", "realm.roles"),
    ];
    let server = Server::start(&settings(&provider, &more)).await;
    let in_groups = async |groups: Value| {
        provider.sign_in_as(json!({"sub": "1", "email": "ada@example.com", "realm": {"roles": groups}}));
        welcomed(&server, &go(&server).await)
    };
    let admin = in_groups(json!(["staff", GROUP])).await;
    assert_eq!(
        admin.get(&server, "/api/admin/users").await.status(),
        StatusCode::OK
    );
    let user = in_groups(json!(["staff"])).await;
    for visitor in [&user, &admin] {
        // What was signed in before has not more rights than now.
        problem(
            visitor.get(&server, "/api/admin/users").await,
            StatusCode::FORBIDDEN,
        )
        .await;
    }
    let again = in_groups(json!(GROUP)).await;
    assert_eq!(
        again.get(&server, "/api/admin/users").await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_page_goes_on_where_it_was_and_nowhere_else() {
    let provider = OidcProvider::start().await;
    let server = welcoming(&provider).await;
    for (next, goes_on) in [
        ("?next=%2Fsearch%3Fq%3Dx", "/#/search?q=x"),
        ("?next=https%3A%2F%2Fevil.example", "/#/documents"),
        ("?next=%2F%2Fevil.example", "/#/documents"),
        ("?next=%2F%5Cevil.example", "/#/documents"),
        ("?next=%2Fa%0D%0Aset-cookie%3A%20a%3Db", "/#/documents"),
        ("?next=%2Fa&next=%2Fb", "/#/documents"),
    ] {
        let begun = begin(&server, next).await;
        let back = begun.at_provider(&server).await;
        let response = begun.returns(&server, &back).await;
        assert_eq!(location(&response), server.url(goes_on), "{next}");
    }
}

#[tokio::test]
async fn nobody_is_given_an_account_that_is_not_theirs() {
    let provider = OidcProvider::start().await;
    let server = Server::start(&settings(&provider, &[])).await;
    admin(
        &server,
        &["create-user", "ada@example.com", "--password-stdin"],
        PASSWORD,
    );
    provider.sign_in_as(json!({"sub": "1", "email": "ada@example.com", "email_verified": true}));
    refused(&go(&server).await, "no_account");

    let variables: Vec<(String, String)> = settings(&provider, &[])
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let link = || {
        program(&variables)
            .env("OCR_DATA_DIR", server.data())
            .args(["admin", "link-identity", "ada@example.com", "1"])
            .output()
            .unwrap()
    };
    let linked = link();
    assert!(
        linked.status.success(),
        "{}",
        String::from_utf8_lossy(&linked.stderr)
    );
    assert!(!link().status.success(), "an identity has one account");
    let ada = welcomed(&server, &go(&server).await);
    assert_eq!(user(&server, &ada).await["name"], "ada@example.com");

    admin(&server, &["disable-user", "ada@example.com"], "");
    refused(&go(&server).await, "disabled");
    problem(ada.get(&server, "/api/tasks").await, StatusCode::UNAUTHORIZED).await;
}

#[tokio::test]
async fn there_are_no_passwords_beside_a_provider() {
    let provider = OidcProvider::start().await;
    let mut server = welcoming(&provider).await;
    admin(
        &server,
        &["create-user", "ops", "--admin", "--password-stdin"],
        PASSWORD,
    );
    problem(try_sign_in(&server, "ops", PASSWORD).await, StatusCode::NOT_FOUND).await;
    for (path, body) in [
        (
            "/api/set-up",
            json!({"token": "t", "name": "ada", "password": PASSWORD}),
        ),
        ("/api/reset-password", json!({"token": "t", "password": PASSWORD})),
        ("/api/auth/token", json!({"name": "ops", "password": PASSWORD})),
    ] {
        problem(server.post_json(path, &body).await, StatusCode::NOT_FOUND).await;
    }
    let somebody = welcomed(&server, &go(&server).await);
    let in_session = somebody.post(&server, "/api/auth/token", &json!({})).await;
    json(in_session, StatusCode::OK).await;
    let factor = somebody.get(&server, "/api/account/second-factor").await;
    problem(factor, StatusCode::NOT_FOUND).await;
    server.restart_with(&[("OCR_AUTH", "local")]).await;
    let in_need = try_sign_in(&server, "ops", PASSWORD).await;
    assert_eq!(
        in_need.status(),
        StatusCode::OK,
        "whoever runs the server gets in without the provider"
    );
    for path in ["/oidc/sign-in", "/oidc/callback", "/oidc/sign-out"] {
        problem(server.get(path).await, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_told() {
    let provider = OidcProvider::start().await;
    let server = welcoming(&provider).await;
    drop(provider);
    let response = server.get("/oidc/sign-in").await;
    refused(&response, "provider");
    assert_eq!(location(&server.get("/oidc/sign-out").await), server.url("/"));
}

#[tokio::test]
async fn the_doctor_asks_the_provider() {
    let provider = OidcProvider::start().await;
    let folder = tempfile::tempdir().unwrap();
    let told = async || {
        let variables: Vec<(String, String)> = settings(&provider, &[])
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut doctor = program(&variables);
        doctor.env("OCR_DATA_DIR", folder.path()).arg("doctor");
        // The provider is served by this very thread.
        let output = tokio::task::spawn_blocking(move || doctor.output())
            .await
            .unwrap();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let text = told().await;
    let line = format!(
        "ok    sign-in provider: people sign in at {}/authorize",
        provider.issuer()
    );
    assert!(text.contains(&line), "{text}");
}
