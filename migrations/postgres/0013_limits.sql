-- What owners used, by day of UTC and engine. The empty engine stands for what was accepted, before any engine read it.
CREATE TABLE usage_counts (
    user_id      UUID NOT NULL,
    day          DATE NOT NULL,
    engine       TEXT COLLATE "C" NOT NULL,
    -- One of several rows that are added up, so that connections seldom wait for each other.
    slot         INTEGER NOT NULL,
    documents    BIGINT NOT NULL DEFAULT 0,
    bytes        BIGINT NOT NULL DEFAULT 0,
    pages        BIGINT NOT NULL DEFAULT 0,
    words        BIGINT NOT NULL DEFAULT 0,
    billed_pages BIGINT NOT NULL DEFAULT 0,
    -- Millionths of a US dollar.
    cost_micros  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, day, engine, slot)
);
CREATE INDEX usage_counts_day ON usage_counts (day);

-- What is there already was used too.
INSERT INTO usage_counts (user_id, day, engine, slot, documents, bytes)
SELECT t.user_id, t.created_at::date, '', 0, COUNT(*), COALESCE(SUM(f.file_size), 0)::bigint
FROM tasks t JOIN files f ON f.id = t.file_id
WHERE t.user_id IS NOT NULL AND t.created_at IS NOT NULL GROUP BY t.user_id, t.created_at::date;
INSERT INTO usage_counts (user_id, day, engine, slot, documents, pages, words, billed_pages, cost_micros)
SELECT t.user_id, r.created_at::date, r.engine, 0, COUNT(*),
    COALESCE(SUM(COALESCE(r.page_count_exact, r.page_count)), 0)::bigint,
    COALESCE(SUM(COALESCE(r.word_count_exact, r.word_count)), 0)::bigint,
    SUM(r.billed_pages)::bigint, SUM(r.cost_micros)::bigint
FROM results r JOIN tasks t ON t.id = r.task_id
WHERE r.same_as IS NULL AND r.engine <> '' AND t.user_id IS NOT NULL AND r.created_at IS NOT NULL
GROUP BY t.user_id, r.created_at::date, r.engine;

-- Limits that were set for one owner, as JSON: a number or null for each quota that is named.
CREATE TABLE quotas (
    user_id UUID PRIMARY KEY,
    limits  TEXT NOT NULL
);

-- Until when requests under a key are spoken for. Nothing is lost with it: a crash of the server empties it.
CREATE UNLOGGED TABLE rate_limits (
    key           TEXT COLLATE "C" PRIMARY KEY,
    spoken_for_to TIMESTAMPTZ NOT NULL
);
CREATE INDEX rate_limits_time ON rate_limits (spoken_for_to);

-- Maximum number of requests a minute with a key, beside the limits of its user.
ALTER TABLE api_keys ADD COLUMN requests_per_minute BIGINT;
