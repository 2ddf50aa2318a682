//! Every clause is run: none is written and forgotten in the list of its suite.

/// Names of the public functions of a suite that are not in its list.
fn forgotten(list: &str, sources: &[&str]) -> Vec<String> {
    let listed: Vec<&str> = list.split_whitespace().collect();
    sources
        .iter()
        .flat_map(|source| source.lines())
        .filter_map(|line| {
            line.strip_prefix("pub async fn ")
                .or_else(|| line.strip_prefix("pub fn "))
        })
        .filter_map(|line| line.split('(').next())
        .filter(|name| !listed.contains(name))
        .map(str::to_owned)
        .collect()
}

macro_rules! complete {
    ($test:ident, $suite:literal: $($file:literal)*) => {
        #[test]
        fn $test() {
            let list = include_str!(concat!("../../src/", $suite));
            let sources = [$(include_str!(concat!("../../src/", $file))),*];
            assert_eq!(forgotten(list, &sources), Vec::<String>::new());
        }
    };
}

complete!(queue, "queue/mod.rs": "queue/dead.rs" "queue/delivery.rs" "queue/lease.rs" "queue/order.rs"
    "queue/stale.rs" "queue/waiting.rs");
complete!(task_store, "store/tasks/mod.rs": "store/tasks/create.rs" "store/tasks/due.rs" "store/tasks/fence.rs"
    "store/tasks/list.rs" "store/tasks/progress.rs" "store/tasks/scope.rs" "store/tasks/stats.rs"
    "store/tasks/transition.rs" "store/tasks/failures.rs");
complete!(page_store, "store/pages.rs": "store/pages.rs");
complete!(outbox, "store/outbox.rs": "store/outbox.rs");
complete!(change_log, "store/changes.rs": "store/changes.rs");
complete!(trash, "store/trash.rs": "store/trash.rs");
complete!(blob, "blob/mod.rs": "blob/manage.rs" "blob/read.rs" "blob/write.rs");
complete!(engine, "engine/mod.rs": "engine/input.rs" "engine/pages.rs" "engine/stop.rs");
complete!(notifier, "notify.rs": "notify.rs");
complete!(recognizer, "recognizer.rs": "recognizer.rs");
complete!(corrections, "corrections.rs": "corrections.rs");
complete!(filings, "filings.rs": "filings.rs");
complete!(saved_searches, "saved_searches.rs": "saved_searches.rs");
complete!(shares, "shares.rs": "shares.rs");
complete!(rate_limiter, "rate_limiter.rs": "rate_limiter.rs");
complete!(usage, "usage.rs": "usage.rs");
complete!(search, "search/mod.rs": "search/filters.rs" "search/ranking.rs" "search/upkeep.rs" "search/words.rs");
complete!(accounts, "accounts/mod.rs": "accounts/adoption.rs" "accounts/attempts.rs" "accounts/audit.rs" "accounts/audit_chain.rs"
    "accounts/credentials.rs" "accounts/logins.rs" "accounts/tokens.rs");
