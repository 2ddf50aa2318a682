//! Lists of many tasks.

use std::collections::HashSet;

use reqwest::StatusCode;

use crate::{
    USER, documents,
    form::Form,
    server::{Server, json, problem},
};

#[tokio::test]
async fn walking_through_many_tasks_visits_each_once() {
    let server = Server::without_engine().await;
    let bytes = documents::small();
    let form = (0..57).fold(Form::new(), |form, number| {
        form.file(&format!("{number}.pdf"), &bytes)
    });
    let sent = server
        .form(&format!("/api/tasks?userId={USER}"), form)
        .send()
        .await
        .unwrap();
    json(sent, StatusCode::ACCEPTED).await;
    let (mut seen, mut cursor, mut pages) = (HashSet::new(), String::new(), 0);
    loop {
        let path = format!("/api/tasks?userId={USER}&limit=10{cursor}");
        let body = json(server.get(&path).await, StatusCode::OK).await;
        for task in body["data"]["tasks"].as_array().unwrap() {
            assert!(
                seen.insert(task["id"].as_str().unwrap().to_owned()),
                "{task} came twice"
            );
        }
        pages += 1;
        assert_eq!(body["data"]["stats"]["total"].as_u64().unwrap(), 57 + pages - 1);
        let Some(next) = body["data"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        // What comes in meanwhile belongs before the first page and disturbs nobody.
        server.submit("new.pdf", &bytes).await;
    }
    assert_eq!((seen.len(), pages), (57, 6));

    let completed = json(
        server
            .get(&format!("/api/tasks?userId={USER}&status=completed"))
            .await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(completed["data"]["tasks"].as_array().unwrap().len(), 0);
    let foreign = format!("/api/tasks?userId={USER}&status=failed{cursor}");
    problem(server.get(&foreign).await, StatusCode::UNPROCESSABLE_ENTITY).await;
}

#[tokio::test]
async fn bad_questions_are_named() {
    let server = Server::without_engine().await;
    let bad = [
        "/api/tasks".to_owned(),
        "/api/tasks?userId=nobody".into(),
        "/api/tasks?userId=".into(),
        format!("/api/tasks?userId={USER}&limit=0"),
        format!("/api/tasks?userId={USER}&limit=-1"),
        format!("/api/tasks?userId={USER}&limit=101"),
        format!("/api/tasks?userId={USER}&limit=1000000000"),
        format!("/api/tasks?userId={USER}&cursor=forged"),
        format!("/api/tasks?userId={USER}&cursor=%00"),
        format!("/api/tasks?userId={USER}&status=done"),
        format!("/api/changes?userId={USER}&since=x"),
        "/api/changes".into(),
    ];
    for path in bad {
        let body = problem(server.get(&path).await, StatusCode::UNPROCESSABLE_ENTITY).await;
        assert_eq!(body["code"], "invalid_input", "{path}");
    }
}

#[tokio::test]
async fn changes_can_be_caught_up_with() {
    let server = Server::without_engine().await;
    let path = format!("/api/changes?userId={USER}");
    let id = server.submit("a.pdf", &documents::small()).await;
    let body = json(server.get(&path).await, StatusCode::OK).await;
    let changes = body["data"]["changes"].as_array().unwrap();
    assert!(
        changes
            .iter()
            .any(|change| change["table"] == "tasks" && change["recordId"] == id),
        "{body}"
    );
    let next = body["data"]["nextCursor"].as_str().unwrap();
    let body = json(server.get(&format!("{path}&since={next}")).await, StatusCode::OK).await;
    assert_eq!(body["data"]["changes"], serde_json::json!([]));
}

#[tokio::test]
async fn the_trash_says_until_when_and_shows_a_page() {
    let server = Server::without_engine().await;
    let id = server.submit("gone.pdf", &documents::small()).await;
    let url = server.url(&format!("/api/tasks/{id}?userId={USER}"));
    assert!(
        server
            .http
            .delete(url)
            .send()
            .await
            .unwrap()
            .status()
            .is_success()
    );
    let trash = format!("/api/tasks?userId={USER}&deleted=true");
    let list = json(server.get(&trash).await, StatusCode::OK).await;
    let task = &list["data"]["tasks"][0];
    let time =
        |name: &str| -> chrono::DateTime<chrono::Utc> { task[name].as_str().unwrap().parse().unwrap() };
    // Two clocks say it: that of the process and that of the store.
    let kept = time("purge_at") - time("deleted_at") + chrono::TimeDelta::minutes(1);
    assert_eq!(kept.num_days(), 30, "{task}");
    let image = format!("/api/tasks/{id}/pages/1/image?userId={USER}&width=160");
    assert_eq!(server.get(&image).await.status(), StatusCode::NOT_FOUND);
    let seen = server.get(&format!("{image}&deleted=true")).await;
    assert_eq!(seen.status(), StatusCode::OK);

    let purge = server.url(&format!("/api/trash/{id}"));
    let unnamed = server.http.delete(&purge).send().await.unwrap();
    assert_eq!(
        unnamed.status(),
        StatusCode::UNPROCESSABLE_ENTITY,
        "nobody deletes for everybody"
    );
    let purged = server
        .http
        .delete(format!("{purge}?userId={USER}"))
        .send()
        .await
        .unwrap();
    assert_eq!(purged.status(), StatusCode::OK);
    let list = json(server.get(&trash).await, StatusCode::OK).await;
    assert_eq!(list["data"]["tasks"], serde_json::json!([]));
}
