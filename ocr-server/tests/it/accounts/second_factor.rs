//! A second factor over HTTP.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PASSWORD, Visitor, employ, id_of, server};
use crate::{
    server::Server,
    snapshots::{MISSING, REFUSAL, SUCCESS, compare},
};

const PATH: &str = "/api/account/second-factor";

async fn post(server: &Server, visitor: &Visitor, under: &str, body: &Value) -> reqwest::Response {
    visitor.post(server, &format!("{PATH}{under}"), body).await
}

#[tokio::test]
async fn a_second_factor_is_added_and_refused_as_it_must_be() {
    let server = server().await;
    let ada = employ(&server, "ada", &["--admin"]).await;
    let state = format!("GET {PATH}");
    compare(&state, REFUSAL, server.get(PATH).await).await;
    compare(&state, SUCCESS, ada.get(&server, PATH).await).await;
    let add = format!("POST {PATH}");
    let wrong = json!({"password": "not it, but long enough"});
    compare(&add, REFUSAL, post(&server, &ada, "", &wrong).await).await;
    let right = json!({"password": PASSWORD});
    compare(&add, SUCCESS, post(&server, &ada, "", &right).await).await;
    let confirm = format!("POST {PATH}/confirm");
    let odd = post(&server, &ada, "/confirm", &json!({"code": "odd"})).await;
    compare(&confirm, REFUSAL, odd).await;
    let remove = format!("POST {PATH}/remove");
    compare(&remove, REFUSAL, post(&server, &ada, "/remove", &wrong).await).await;
    compare(&remove, SUCCESS, post(&server, &ada, "/remove", &right).await).await;
    let operation = "DELETE /api/admin/users/{user_id}/second-factor";
    let missing = format!("/api/admin/users/{MISSING}/second-factor");
    compare(operation, REFUSAL, ada.delete(&server, &missing).await).await;
    post(&server, &ada, "", &right).await;
    let own = format!("/api/admin/users/{}/second-factor", id_of(&server, &ada).await);
    compare(operation, SUCCESS, ada.delete(&server, &own).await).await;
    let gone = ada.delete(&server, &own).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}
