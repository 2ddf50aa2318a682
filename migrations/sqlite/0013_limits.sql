-- What owners used, by day of UTC and engine. The empty engine stands for what was accepted, before any engine read it.
CREATE TABLE usage_counts (
    user_id      TEXT NOT NULL,
    day          TEXT NOT NULL,
    engine       TEXT NOT NULL,
    documents    INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    pages        INTEGER NOT NULL DEFAULT 0,
    words        INTEGER NOT NULL DEFAULT 0,
    billed_pages INTEGER NOT NULL DEFAULT 0,
    -- Millionths of a US dollar.
    cost_micros  INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, day, engine)
) WITHOUT ROWID;
CREATE INDEX usage_counts_day ON usage_counts (day);

-- What is there already was used too.
INSERT INTO usage_counts (user_id, day, engine, documents, bytes)
SELECT t.user_id, substr(t.created_at, 1, 10), '', COUNT(*), SUM(f.file_size)
FROM tasks t JOIN files f ON f.id = t.file_id GROUP BY t.user_id, substr(t.created_at, 1, 10);
INSERT INTO usage_counts (user_id, day, engine, documents, pages, words, billed_pages, cost_micros)
SELECT t.user_id, substr(r.created_at, 1, 10), r.engine, COUNT(*), SUM(r.page_count), SUM(r.word_count),
    SUM(r.billed_pages), SUM(r.cost_micros)
FROM results r JOIN tasks t ON t.id = r.task_id WHERE r.same_as IS NULL AND r.engine <> ''
GROUP BY t.user_id, substr(r.created_at, 1, 10), r.engine;

-- Limits that were set for one owner, as JSON: a number or null for each quota that is named.
CREATE TABLE quotas (
    user_id TEXT PRIMARY KEY NOT NULL,
    limits  TEXT NOT NULL
) WITHOUT ROWID;

-- Maximum number of requests a minute with a key, beside the limits of its user.
ALTER TABLE api_keys ADD COLUMN requests_per_minute INTEGER;
