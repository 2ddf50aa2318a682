//! Links with which somebody else reads one document, and nothing else.

use reqwest::{Method, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, admin, employ, rights::operations, send, server, submit, token_of};
use crate::{
    documents, engine,
    form::Form,
    server::{PATIENCE, Server, json, problem},
    snapshots::{MISSING, REFUSAL, SUCCESS, compare},
};

/// A link that was made.
struct Link {
    id: String,
    address: String,
    token: String,
}

async fn share(server: &Server, owner: &Visitor, wanted: &Value) -> Link {
    let made = json(
        owner.post(server, "/api/shares", wanted).await,
        StatusCode::CREATED,
    )
    .await;
    let address = made["data"]["link"].as_str().unwrap().to_owned();
    Link {
        id: made["data"]["share"]["id"].as_str().unwrap().to_owned(),
        token: token_of(&address),
        address,
    }
}

async fn open(server: &Server, link: &Link, password: Option<&str>) -> Response {
    let path = format!("/api/shared/{}/open", link.id);
    let body = json!({"token": link.token, "password": password});
    server.post_json(&path, &body).await
}

/// Whoever opened a link, with the cookie that they were given.
fn reader(opened: &Response) -> Visitor {
    assert_eq!(opened.status(), StatusCode::OK);
    let cookie = opened.headers()[header::SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/shared/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    Visitor {
        name: header::COOKIE,
        value: cookie.split(';').next().unwrap().to_owned(),
    }
}

#[tokio::test]
async fn a_link_opens_as_often_and_as_long_as_its_owner_says() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let wanted = json!({"taskId": id, "hours": 1, "maxOpens": 2});
    let link = share(&server, &ada, &wanted).await;
    assert!(!link.address.split('#').next().unwrap().contains(&link.token));
    let first = reader(&open(&server, &link, None).await);
    let path = format!("/api/shared/{}", link.id);
    let seen = json(first.get(&server, &path).await, StatusCode::OK).await;
    assert_eq!(seen["data"]["filename"], "a.pdf");
    assert_eq!(open(&server, &link, None).await.status(), StatusCode::OK);
    problem(open(&server, &link, None).await, StatusCode::NOT_FOUND).await;
    json(first.get(&server, &path).await, StatusCode::OK).await;

    let listed = json(ada.get(&server, "/api/shares").await, StatusCode::OK).await;
    assert_eq!(listed["data"]["shares"][0]["opens"], 2);
    assert!(!listed.to_string().contains(&link.token));
    let revoke = ada.delete(&server, &format!("/api/shares/{}", link.id)).await;
    json(revoke, StatusCode::OK).await;
    problem(first.get(&server, &path).await, StatusCode::NOT_FOUND).await;

    for (hours, opens) in [(0, 1), (24 * 31, 1), (1, 0)] {
        let odd = json!({"taskId": id, "hours": hours, "maxOpens": opens});
        problem(
            ada.post(&server, "/api/shares", &odd).await,
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    let log = server.log();
    assert!(
        !log.contains(&link.token) && !log.contains(&first.value),
        "no log has a secret"
    );
}

#[tokio::test]
async fn a_link_with_a_password_asks_for_it_and_slows_who_guesses() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let id = submit(&server, &ada).await;
    let wanted = json!({"taskId": id, "hours": 1, "password": PASSWORD});
    let link = share(&server, &ada, &wanted).await;
    let nothing = problem(open(&server, &link, None).await, StatusCode::UNPROCESSABLE_ENTITY).await;
    assert_eq!(nothing["code"], "password_required");
    reader(&open(&server, &link, Some(PASSWORD)).await);
    let mut answers = Vec::new();
    for _ in 0..12 {
        let guess = open(&server, &link, Some("wrong horse battery")).await;
        answers.push(guess.status());
    }
    assert_eq!(answers[0], StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS), "{answers:?}");
    let number = json!({"taskId": id, "hours": 1, "password": 70_707_070});
    let refused = problem(
        ada.post(&server, "/api/shares", &number).await,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    assert!(!refused.to_string().contains("7070"), "{refused}");
}

/// Generated from the description of the API: neither the secret of a link nor what it was opened for lets anybody do
/// anything else.
#[tokio::test]
async fn a_link_reads_its_document_and_nothing_else() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let (id, other) = (submit(&server, &ada).await, submit(&server, &ada).await);
    let link = share(&server, &ada, &json!({"taskId": id, "hours": 1})).await;
    let second = share(&server, &ada, &json!({"taskId": other, "hours": 1})).await;
    let visitor = reader(&open(&server, &link, None).await);
    let secret = visitor.value.split_once('=').unwrap().1.to_owned();
    let description = json(server.get("/openapi.json").await, StatusCode::OK).await;
    let holders = [
        visitor.clone(),
        Visitor::with_key(&link.token),
        Visitor::with_key(&secret),
        Visitor {
            name: header::COOKIE,
            value: format!("ocr={secret}"),
        },
        Visitor {
            name: header::COOKIE,
            value: format!("ocr={}", link.token),
        },
    ];
    for (method, path, _) in operations(&description) {
        for place in [
            path.clone(),
            path.replace("99999999-9999-9999-9999-999999999999", &id),
        ] {
            for holder in &holders {
                let answer = holder.asks(&server, method.clone(), &place).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{method} {place}");
            }
        }
    }
    for rest in ["", "/text", "/pages", "/pages/1/image", "/files/text"] {
        let of_other = visitor
            .get(&server, &format!("/api/shared/{}{rest}", second.id))
            .await;
        problem(of_other, StatusCode::NOT_FOUND).await;
        let owner = ada.get(&server, &format!("/api/shared/{}{rest}", link.id)).await;
        problem(owner, StatusCode::NOT_FOUND).await;
        let method = Method::DELETE;
        let path = format!("/api/shared/{}{rest}", link.id);
        let change = visitor.asks(&server, method, &path).send().await.unwrap();
        problem(change, StatusCode::METHOD_NOT_ALLOWED).await;
    }
    let ungiven = visitor
        .get(&server, &format!("/api/shared/{}/files/text", link.id))
        .await;
    problem(ungiven, StatusCode::FORBIDDEN).await;
    let crossed = Link {
        id: second.id,
        address: String::new(),
        token: link.token,
    };
    problem(open(&server, &crossed, None).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn a_link_ends_with_its_document_its_owner_and_their_account() {
    let server = server().await;
    let root = employ(&server, "root", &["--admin"]).await;
    let ada = employ(&server, "ada", &[]).await;
    let bob = employ(&server, "bob", &[]).await;
    let (id, stays) = (submit(&server, &ada).await, submit(&server, &ada).await);
    let foreign = json!({"taskId": id, "hours": 1});
    problem(
        bob.post(&server, "/api/shares", &foreign).await,
        StatusCode::NOT_FOUND,
    )
    .await;
    let link = share(&server, &ada, &json!({"taskId": id, "hours": 1})).await;
    let visitor = reader(&open(&server, &link, None).await);
    let path = format!("/api/shared/{}", link.id);
    problem(
        bob.delete(&server, &format!("/api/shares/{}", link.id)).await,
        StatusCode::NOT_FOUND,
    )
    .await;
    let task = format!("/api/tasks/{id}");
    json(ada.delete(&server, &task).await, StatusCode::OK).await;
    problem(visitor.get(&server, &path).await, StatusCode::NOT_FOUND).await;
    let restored = ada.post(&server, &format!("{task}/restore"), &Value::Null).await;
    json(restored, StatusCode::OK).await;
    problem(open(&server, &link, None).await, StatusCode::NOT_FOUND).await;

    let link = share(&server, &ada, &json!({"taskId": stays, "hours": 1})).await;
    let visitor = reader(&open(&server, &link, None).await);
    let path = format!("/api/shared/{}", link.id);
    let account = format!("/api/admin/users/{}", super::id_of(&server, &ada).await);
    let disable = root.asks(&server, Method::PATCH, &account);
    let disabled = disable.json(&json!({"disabled": true})).send().await.unwrap();
    json(disabled, StatusCode::OK).await;
    problem(visitor.get(&server, &path).await, StatusCode::NOT_FOUND).await;
    problem(open(&server, &link, None).await, StatusCode::NOT_FOUND).await;
    admin(&server, &["erase-user", "ada", "--yes"], "");
    problem(visitor.get(&server, &path).await, StatusCode::NOT_FOUND).await;
}

#[tokio::test]
async fn whoever_opens_a_link_is_in_the_audit_log() {
    let server = server().await;
    let ada = employ(&server, "ada", &[]).await;
    let bob = employ(&server, "bob", &[]).await;
    let id = submit(&server, &ada).await;
    let link = share(&server, &ada, &json!({"taskId": id, "hours": 1})).await;
    let visitor = reader(&open(&server, &link, None).await);
    let pages = format!("/api/shared/{}/pages", link.id);
    json(visitor.get(&server, &pages).await, StatusCode::OK).await;
    let body = json!({"token": link.token});
    let again = bob
        .post(&server, &format!("/api/shared/{}/open", link.id), &body)
        .await;
    reader(&again);
    let revoke = ada.delete(&server, &format!("/api/shares/{}", link.id)).await;
    json(revoke, StatusCode::OK).await;
    let log = ada.get(&server, &format!("/api/tasks/{id}/audit")).await;
    let log = json(log, StatusCode::OK).await;
    let told: Vec<_> = log["data"]["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
            (text("actorName"), text("action"), text("address"))
        })
        .collect();
    let entry = |who: &str, what: &str| (who.to_owned(), what.to_owned(), "127.0.0.1".to_owned());
    assert_eq!(
        told,
        [
            entry("ada", "share_revoked"),
            entry("bob", "share_opened"),
            entry("", "document_viewed"),
            entry("", "share_opened"),
            entry("ada", "share_created"),
            entry("ada", "document_submitted"),
        ]
    );
    assert!(!log.to_string().contains(&link.token));
}

#[tokio::test]
async fn what_a_link_leads_to_is_a_page_that_tells_no_other_site() {
    let server = server().await;
    let page = server.get(&format!("/shared/{MISSING}")).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()[header::REFERRER_POLICY], "no-referrer");
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let unsigned = Server::without_engine().await;
    let none = unsigned.get(&format!("/api/shares?userId={MISSING}")).await;
    problem(none, StatusCode::NOT_FOUND).await;
}

/// A document that was read, and a link to it that gives its text away.
async fn read_and_shared(server: &Server, ada: &Visitor) -> (String, Link) {
    let form = Form::new().file("a.pdf", &documents::born_digital());
    let sent = json(send(server, ada, form).await, StatusCode::ACCEPTED).await;
    let id = sent["data"]["taskId"].as_str().unwrap().to_owned();
    let ended = async {
        loop {
            let task = json(ada.get(server, &format!("/api/tasks/{id}")).await, StatusCode::OK).await;
            match task["data"]["task"]["status"].as_str().unwrap() {
                "pending" | "processing" => {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
                status => return status.to_owned(),
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, ended).await.unwrap(), "completed");
    let wanted = json!({"taskId": id, "hours": 1, "formats": ["text"]});
    let link = share(server, ada, &wanted).await;
    (id, link)
}

#[tokio::test]
async fn its_operations_answer_as_their_snapshots() {
    let Some(server) = engine::server(&[("OCR_AUTH", "local")]).await else {
        return;
    };
    let ada = employ(&server, "ada", &[]).await;
    let (id, link) = read_and_shared(&server, &ada).await;
    let wanted = |task: &str| json!({"taskId": task, "hours": 24, "formats": ["text"]});
    for (case, task) in [(SUCCESS, id.as_str()), (REFUSAL, MISSING)] {
        let made = ada.post(&server, "/api/shares", &wanted(task)).await;
        compare("POST /api/shares", case, made).await;
    }
    let listed = ada.get(&server, "/api/shares").await;
    compare("GET /api/shares", SUCCESS, listed).await;
    let nobody = server.get("/api/shares").await;
    compare("GET /api/shares", REFUSAL, nobody).await;

    let opened = open(&server, &link, None).await;
    let visitor = reader(&opened);
    compare("POST /api/shared/{share_id}/open", SUCCESS, opened).await;
    let guessed = Link {
        id: link.id.clone(),
        address: String::new(),
        token: "guessed".into(),
    };
    let refused = open(&server, &guessed, None).await;
    compare("POST /api/shared/{share_id}/open", REFUSAL, refused).await;
    for (operation, rest, wrong) in [
        ("GET /api/shared/{share_id}", "", ""),
        ("GET /api/shared/{share_id}/text", "/text", "/text"),
        ("GET /api/shared/{share_id}/pages", "/pages", "/pages"),
        (
            "GET /api/shared/{share_id}/pages/{number}/image",
            "/pages/1/image",
            "/pages/1/image",
        ),
        (
            "GET /api/shared/{share_id}/files/{format}",
            "/files/text",
            "/files/json",
        ),
    ] {
        let path = format!("/api/shared/{}", link.id);
        let read = visitor.get(&server, &format!("{path}{rest}")).await;
        compare(operation, SUCCESS, read).await;
        let refused = if rest == wrong {
            server.get(&format!("{path}{rest}")).await
        } else {
            visitor.get(&server, &format!("{path}{wrong}")).await
        };
        compare(operation, REFUSAL, refused).await;
    }
    let revoke = "DELETE /api/shares/{share_id}";
    for (case, id) in [(REFUSAL, MISSING), (SUCCESS, link.id.as_str())] {
        let ended = ada.delete(&server, &format!("/api/shares/{id}")).await;
        compare(revoke, case, ended).await;
    }
}
