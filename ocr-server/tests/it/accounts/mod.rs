//! A server on which people sign in.

mod audit;
mod export;
mod oidc;
mod rights;
mod second_factor;
mod shares;
mod sign_in;
mod snapshots;
mod tokens;

use std::io::Write as _;

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    documents,
    form::Form,
    server::{Server, json, program},
};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Somebody's browser or program, by the header that says who it is.
#[derive(Clone)]
pub(crate) struct Visitor {
    name: header::HeaderName,
    value: String,
}

impl Visitor {
    fn with_key(key: &str) -> Self {
        Self {
            name: header::AUTHORIZATION,
            value: format!("Bearer {key}"),
        }
    }

    pub(crate) fn asks(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        let request = server.http.request(method, server.url(path));
        request
            .header(&self.name, &self.value)
            .header("sec-fetch-site", "same-origin")
    }

    pub(crate) async fn get(&self, server: &Server, path: &str) -> Response {
        self.asks(server, Method::GET, path).send().await.unwrap()
    }

    async fn post(&self, server: &Server, path: &str, body: &Value) -> Response {
        let request = self.asks(server, Method::POST, path).json(body);
        request.send().await.unwrap()
    }

    async fn delete(&self, server: &Server, path: &str) -> Response {
        self.asks(server, Method::DELETE, path).send().await.unwrap()
    }
}

pub(crate) async fn server() -> Server {
    Server::start(&[("OCR_AUTH", "local"), ("OCR_ROLES", "api,listener,health")]).await
}

/// Runs `ocr-server admin` on the data of a running server.
pub(crate) fn admin(server: &Server, arguments: &[&str], input: &str) -> String {
    let mut child = program(&[("OCR_AUTH".into(), "local".into())])
        .env("OCR_DATA_DIR", server.data())
        .arg("admin")
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The secret of the one-time link that a text holds.
fn token(text: &str) -> String {
    let (_, token) = text.rsplit_once("?token=").expect("there is a link");
    token.split_whitespace().next().unwrap().to_owned()
}

/// The secret of a link to a document.
fn token_of(link: &str) -> String {
    let (_, token) = link.rsplit_once("#token=").expect("there is a secret");
    token.to_owned()
}

async fn try_sign_in(server: &Server, name: &str, password: &str) -> Response {
    let body = json!({"name": name, "password": password});
    server.post_json("/api/sign-in", &body).await
}

/// The browser of somebody who has just signed in.
fn browser(response: &Response) -> Visitor {
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    Visitor {
        name: header::COOKIE,
        value: format!("theme=dark; {}", cookie.split(';').next().unwrap()),
    }
}

pub(crate) async fn signed_in(server: &Server, name: &str) -> Visitor {
    let response = try_sign_in(server, name, PASSWORD).await;
    assert_eq!(response.status(), StatusCode::OK);
    browser(&response)
}

/// An account with a browser in which it is signed in.
pub(crate) async fn employ(server: &Server, name: &str, more: &[&str]) -> Visitor {
    let arguments = [&["create-user", name, "--password-stdin"][..], more].concat();
    admin(server, &arguments, &format!("{PASSWORD}\n"));
    signed_in(server, name).await
}

async fn id_of(server: &Server, visitor: &Visitor) -> String {
    let session = json(visitor.get(server, "/api/session").await, StatusCode::OK).await;
    session["data"]["user"]["id"].as_str().unwrap().to_owned()
}

async fn send(server: &Server, visitor: &Visitor, form: Form) -> Response {
    let (content_type, body) = form.finish();
    let request = visitor.asks(server, Method::POST, "/api/tasks");
    request
        .header(header::CONTENT_TYPE, content_type)
        .body(body)
        .send()
        .await
        .unwrap()
}

pub(crate) async fn submit(server: &Server, visitor: &Visitor) -> String {
    let form = Form::new().file("a.pdf", &documents::small());
    let answer = json(send(server, visitor, form).await, StatusCode::ACCEPTED).await;
    answer["data"]["taskId"].as_str().unwrap().to_owned()
}
