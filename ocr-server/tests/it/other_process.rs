//! Changes that another process makes in the database.

use std::sync::Arc;

use ocr_adapters::sqlite::{SqliteDatabase, SqliteStore};
use ocr_core::{
    clock::SystemClock,
    id::RandomIds,
    model::Transition,
    store::{Scope, TaskStore, Write},
};

use crate::{USER, documents, server::Server, socket::Socket};

#[tokio::test]
async fn a_row_changed_by_another_process_reaches_the_open_socket() {
    let server = Server::without_engine().await;
    let id = server.submit("a.pdf", &documents::small()).await;
    let (mut socket, _) = Socket::open(&server, USER).await;

    let database = SqliteDatabase::open(&server.data().join("ocr.sqlite"))
        .await
        .unwrap();
    let store = SqliteStore::new(database.clone(), Arc::new(SystemClock), Arc::new(RandomIds));
    store
        .transition(
            Scope::system(),
            id.parse().unwrap(),
            Transition::Cancel,
            Write::default(),
        )
        .await
        .unwrap();
    database.close().await;

    let told = socket
        .until(|message| message["type"] == "db_change" && message["data"]["status"] == "cancelled")
        .await;
    assert_eq!(told.last().unwrap()["data"]["recordId"], id);
    assert_eq!(told.last().unwrap()["data"]["operation"], "UPDATE");
}
