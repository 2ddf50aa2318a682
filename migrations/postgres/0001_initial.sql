-- Works on an empty database, and on one that holds the four tables in their first form: without the
-- columns that follow below, with an enum of any name, with rows and triggers.
--
-- TIMESTAMP columns hold UTC. Times of our own columns are TIMESTAMPTZ.

-- Old triggers would tell of every row that is brought up to date here.
DO $$
DECLARE
    name text;
    status_type regtype;
BEGIN
    FOREACH name IN ARRAY ARRAY['tasks', 'files', 'results'] LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('DROP TRIGGER IF EXISTS %I ON %I', name || '_change_trigger', name);
        END IF;
    END LOOP;
    IF to_regclass('tasks') IS NULL THEN
        IF to_regtype('task_status') IS NULL THEN
            CREATE TYPE task_status AS ENUM ('pending', 'processing', 'completed', 'failed', 'cancelled');
        END IF;
    ELSE
        SELECT t.oid::regtype INTO status_type FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = 'tasks'::regclass AND a.attname = 'status' AND t.typtype = 'e';
        IF FOUND THEN
            EXECUTE format('ALTER TYPE %s ADD VALUE IF NOT EXISTS %L', status_type, 'cancelled');
        END IF;
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS users (
    id         UUID PRIMARY KEY,
    email      VARCHAR(255) UNIQUE,
    created_at TIMESTAMP NOT NULL,
    last_login TIMESTAMP
);

CREATE TABLE IF NOT EXISTS files (
    id              UUID PRIMARY KEY,
    user_id         UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    filename        VARCHAR(255) NOT NULL,
    stored_filename VARCHAR(255) NOT NULL UNIQUE,
    mime_type       VARCHAR(100) NOT NULL,
    file_size       BIGINT NOT NULL,
    s3_bucket       VARCHAR(255) NOT NULL,
    s3_key          VARCHAR(512) NOT NULL,
    s3_version_id   VARCHAR(255),
    created_at      TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS tasks (
    id            UUID PRIMARY KEY,
    user_id       UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    file_id       UUID NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    status        task_status NOT NULL,
    error_message TEXT,
    created_at    TIMESTAMP NOT NULL,
    updated_at    TIMESTAMP NOT NULL
);

CREATE TABLE IF NOT EXISTS results (
    id                 UUID PRIMARY KEY,
    task_id            UUID NOT NULL UNIQUE REFERENCES tasks (id) ON DELETE CASCADE,
    s3_result_key      VARCHAR(512) NOT NULL,
    confidence_score   DECIMAL(5,4),
    page_count         INTEGER,
    word_count         INTEGER,
    processing_time_ms INTEGER,
    created_at         TIMESTAMP NOT NULL
);

ALTER TABLE users
    ALTER COLUMN id SET DEFAULT gen_random_uuid(),
    ALTER COLUMN created_at SET DEFAULT (clock_timestamp() AT TIME ZONE 'UTC');

ALTER TABLE files
    ALTER COLUMN id SET DEFAULT gen_random_uuid(),
    ALTER COLUMN created_at SET DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
    ADD COLUMN IF NOT EXISTS sha256 TEXT NOT NULL DEFAULT '';

ALTER TABLE tasks
    ALTER COLUMN id SET DEFAULT gen_random_uuid(),
    ALTER COLUMN status SET DEFAULT 'pending',
    ALTER COLUMN created_at SET DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
    ALTER COLUMN updated_at SET DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
    -- A copy of the file's name, for people who look at tasks only.
    ADD COLUMN IF NOT EXISTS filename VARCHAR(255),
    ADD COLUMN IF NOT EXISTS error_code TEXT,
    ADD COLUMN IF NOT EXISTS options JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS attempt BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS failures BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS max_attempts BIGINT NOT NULL DEFAULT 3,
    ADD COLUMN IF NOT EXISTS lease_expires_at TIMESTAMPTZ,
    ADD COLUMN IF NOT EXISTS run_after TIMESTAMPTZ,
    ADD COLUMN IF NOT EXISTS pages_done BIGINT,
    ADD COLUMN IF NOT EXISTS pages_total BIGINT,
    -- Grows with every change the platform makes, so that triggers can tell a change made by hand.
    ADD COLUMN IF NOT EXISTS version BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS deleted_at TIMESTAMPTZ,
    ADD COLUMN IF NOT EXISTS purge_after TIMESTAMPTZ;

ALTER TABLE results
    ALTER COLUMN id SET DEFAULT gen_random_uuid(),
    ALTER COLUMN created_at SET DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
    ADD COLUMN IF NOT EXISTS engine TEXT NOT NULL DEFAULT '',
    -- Set where the number does not fit its INTEGER column, which then holds the greatest that does.
    ADD COLUMN IF NOT EXISTS page_count_exact BIGINT,
    ADD COLUMN IF NOT EXISTS word_count_exact BIGINT,
    ADD COLUMN IF NOT EXISTS processing_time_ms_exact BIGINT;

UPDATE tasks t SET
    filename = COALESCE(t.filename, (SELECT f.filename FROM files f WHERE f.id = t.file_id)),
    status = COALESCE(t.status, 'pending'),
    created_at = COALESCE(t.created_at, t.updated_at, clock_timestamp() AT TIME ZONE 'UTC'),
    updated_at = COALESCE(t.updated_at, t.created_at, clock_timestamp() AT TIME ZONE 'UTC');

-- Whatever refers to a row that goes, goes with it.
DO $$
DECLARE
    wanted record;
    found record;
    cascades boolean;
BEGIN
    FOR wanted IN SELECT * FROM (VALUES
        ('files', 'user_id', 'users'), ('tasks', 'user_id', 'users'),
        ('tasks', 'file_id', 'files'), ('results', 'task_id', 'tasks')
    ) AS keys (child, child_column, parent) LOOP
        cascades := false;
        FOR found IN SELECT c.conname, c.confdeltype FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
            WHERE c.contype = 'f' AND c.conrelid = wanted.child::regclass AND a.attname = wanted.child_column
        LOOP
            IF found.confdeltype = 'c' THEN
                cascades := true;
            ELSE
                EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', wanted.child, found.conname);
            END IF;
        END LOOP;
        IF NOT cascades THEN
            -- Not validated, because rows from before may refer to nothing.
            EXECUTE format(
                'ALTER TABLE %I ADD FOREIGN KEY (%I) REFERENCES %I (id) ON DELETE CASCADE NOT VALID',
                wanted.child, wanted.child_column, wanted.parent);
        END IF;
    END LOOP;
END $$;

CREATE INDEX IF NOT EXISTS files_user ON files (user_id);
CREATE INDEX IF NOT EXISTS files_key ON files (s3_key);
CREATE INDEX IF NOT EXISTS tasks_list ON tasks (user_id, created_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS tasks_list_all ON tasks (created_at DESC, id DESC);
CREATE INDEX IF NOT EXISTS tasks_file ON tasks (file_id);
CREATE INDEX IF NOT EXISTS tasks_open ON tasks (created_at)
    WHERE status IN ('pending', 'processing') AND deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS tasks_trash ON tasks (purge_after) WHERE deleted_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS results_key ON results (s3_result_key);

-- Recognised pages of a task, kept while it runs and after, so that a new attempt goes on where the
-- last one stopped.
CREATE TABLE result_pages (
    task_id UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    number  BIGINT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (task_id, number)
);

CREATE TABLE idempotency_keys (
    user_id     UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    task_id     UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_task ON idempotency_keys (task_id);

CREATE TABLE outbox (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message      TEXT NOT NULL,
    hidden_until TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);

-- What changed, for clients that catch up. Written by triggers, so that a change made by another
-- process or by hand is in it too. A position is (xid, seq): where transactions overlap, a later seq
-- may commit first, but no transaction older than all that run can still add a row.
CREATE TABLE change_log (
    xid        XID8 NOT NULL DEFAULT pg_current_xact_id(),
    seq        BIGINT GENERATED ALWAYS AS IDENTITY,
    table_name TEXT NOT NULL,
    operation  TEXT NOT NULL,
    record_id  UUID NOT NULL,
    task_id    UUID,
    user_id    UUID,
    status     TEXT,
    at         TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (xid, seq)
);
CREATE INDEX change_log_user ON change_log (user_id, xid, seq);

-- How many live tasks of an owner stand where, as changes to be summed up: rows that are only ever
-- added never wait for each other. Rows are folded into one now and then.
CREATE TABLE task_counts (
    user_id UUID,
    status  TEXT NOT NULL,
    count   BIGINT NOT NULL
);
CREATE INDEX task_counts_user ON task_counts (user_id);
INSERT INTO task_counts (user_id, status, count)
SELECT user_id, status::text, COUNT(*) FROM tasks WHERE deleted_at IS NULL GROUP BY user_id, status;

CREATE TYPE queue_state AS ENUM ('ready', 'delayed', 'leased', 'dead');
CREATE TABLE queue_items (
    task_id     UUID PRIMARY KEY,
    user_id     UUID NOT NULL,
    file_id     UUID NOT NULL,
    seq         BIGINT NOT NULL,
    attempt     BIGINT NOT NULL DEFAULT 0,
    -- delayed: not before; leased: until; dead: since.
    at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    state       queue_state NOT NULL DEFAULT 'ready',
    priority    SMALLINT NOT NULL DEFAULT 0,
    dead_reason TEXT
) WITH (
    -- Rows live for seconds: room for their next version, and a vacuum that keeps up.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX queue_items_ready ON queue_items ((-priority::int), user_id, seq) WHERE state = 'ready';
CREATE INDEX queue_items_timed ON queue_items (at) WHERE state IN ('delayed', 'leased');
CREATE INDEX queue_items_dead ON queue_items (at DESC, task_id DESC) WHERE state = 'dead';
-- One value a batch; its items follow it in steps of one.
CREATE SEQUENCE queue_batches INCREMENT BY 1000;
-- The last fence given out, counted over all tasks, so that one that is removed and queued again gets
-- no token it had before.
CREATE SEQUENCE queue_fence MAXVALUE 4294967295 CYCLE;

-- Events for whoever listens now. They are forgotten after minutes.
CREATE TABLE events (
    seq  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid  XID8 NOT NULL DEFAULT pg_current_xact_id(),
    at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    body TEXT NOT NULL
);
CREATE INDEX events_xid ON events (xid);
CREATE INDEX events_at ON events (at);

-- Logs one change and tells of it. The payload has ids only: a longer one than 8000 bytes would make
-- the change itself fail. `SET ocr.notify = off` for a database or user leaves it to pollers.
CREATE FUNCTION log_change(
    table_name text, operation text, record_id uuid, task_id uuid, user_id uuid, status text
) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO change_log (table_name, operation, record_id, task_id, user_id, status)
    VALUES (table_name, operation, record_id, task_id, user_id, status);
    IF current_setting('ocr.notify', true) IS DISTINCT FROM 'off' THEN
        PERFORM pg_notify('db_changes', format(
            '{"table":"%s","operation":"%s","record_id":"%s","user_id":%s,"status":%s,"timestamp":"%s"}',
            table_name, operation, record_id,
            COALESCE(to_json(user_id)::text, 'null'), COALESCE(to_json(status)::text, 'null'),
            to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
    END IF;
END $$;

-- Runs with the rights of its owner, so that whoever may change a row need not know of the log.
CREATE OR REPLACE FUNCTION notify_table_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    was_live boolean;
    is_live boolean;
    owner uuid;
BEGIN
    IF TG_TABLE_NAME = 'tasks' THEN
        -- A sign of life of a worker is no news.
        IF TG_OP = 'UPDATE' AND NEW.version <> OLD.version AND NEW.updated_at = OLD.updated_at
            AND NEW.status = OLD.status AND NEW.deleted_at IS NOT DISTINCT FROM OLD.deleted_at THEN
            RETURN NULL;
        END IF;
        was_live := TG_OP <> 'INSERT' AND OLD.deleted_at IS NULL;
        is_live := TG_OP <> 'DELETE' AND NEW.deleted_at IS NULL;
        IF was_live AND is_live AND NEW.status = OLD.status AND NEW.user_id = OLD.user_id THEN
            PERFORM log_change('tasks', 'UPDATE', NEW.id, NEW.id, NEW.user_id, NEW.status::text);
            RETURN NULL;
        END IF;
        IF was_live THEN
            INSERT INTO task_counts (user_id, status, count) VALUES (OLD.user_id, OLD.status::text, -1);
        END IF;
        IF is_live THEN
            INSERT INTO task_counts (user_id, status, count) VALUES (NEW.user_id, NEW.status::text, 1);
        END IF;
        IF was_live AND is_live AND NEW.user_id IS NOT DISTINCT FROM OLD.user_id THEN
            PERFORM log_change('tasks', 'UPDATE', NEW.id, NEW.id, NEW.user_id, NEW.status::text);
            RETURN NULL;
        END IF;
        -- Also when a task passes to another owner: it goes for one and comes for the other.
        IF was_live THEN
            PERFORM log_change('tasks', 'DELETE', OLD.id, OLD.id, OLD.user_id, OLD.status::text);
        END IF;
        IF is_live THEN
            PERFORM log_change('tasks', 'INSERT', NEW.id, NEW.id, NEW.user_id, NEW.status::text);
        END IF;
    ELSIF TG_TABLE_NAME = 'files' THEN
        IF TG_OP = 'DELETE' THEN
            PERFORM log_change('files', 'DELETE', OLD.id, NULL, OLD.user_id, NULL);
        ELSIF TG_OP = 'INSERT' THEN
            PERFORM log_change('files', 'INSERT', NEW.id, NULL, NEW.user_id, NULL);
        ELSE
            IF NEW.filename IS DISTINCT FROM OLD.filename THEN
                UPDATE tasks SET filename = NEW.filename, version = version + 1 WHERE file_id = NEW.id;
            END IF;
            PERFORM log_change('files', 'UPDATE', NEW.id,
                (SELECT id FROM tasks WHERE file_id = NEW.id LIMIT 1), NEW.user_id, NULL);
        END IF;
    ELSE
        -- A result that goes with its task has no owner to tell any more; the task's DELETE tells it.
        SELECT user_id INTO owner FROM tasks WHERE id = COALESCE(NEW.task_id, OLD.task_id);
        IF FOUND THEN
            PERFORM log_change('results', TG_OP, COALESCE(NEW.id, OLD.id),
                COALESCE(NEW.task_id, OLD.task_id), owner, NULL);
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- Completes what a person left out, and does with a change by hand what a transition would do.
CREATE FUNCTION complete_task_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    present timestamp := clock_timestamp() AT TIME ZONE 'UTC';
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version = OLD.version THEN
        IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
            NEW.updated_at := present;
        END IF;
        -- Waiting again means from the start, whatever was tried before.
        IF NEW.status = 'pending' AND OLD.status IS DISTINCT FROM NEW.status THEN
            NEW.failures := 0;
            NEW.lease_expires_at := NULL;
            NEW.run_after := NULL;
        END IF;
    END IF;
    NEW.status := COALESCE(NEW.status, 'pending');
    NEW.created_at := COALESCE(NEW.created_at, present);
    NEW.updated_at := COALESCE(NEW.updated_at, present);
    IF TG_OP = 'INSERT' OR NEW.file_id IS DISTINCT FROM OLD.file_id THEN
        NEW.filename := (SELECT filename FROM files WHERE id = NEW.file_id);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tasks_complete_row BEFORE INSERT OR UPDATE ON tasks
    FOR EACH ROW EXECUTE FUNCTION complete_task_row();
CREATE TRIGGER tasks_change_trigger AFTER INSERT OR UPDATE OR DELETE ON tasks
    FOR EACH ROW EXECUTE FUNCTION notify_table_change();
CREATE TRIGGER files_change_trigger AFTER INSERT OR UPDATE OR DELETE ON files
    FOR EACH ROW EXECUTE FUNCTION notify_table_change();
CREATE TRIGGER results_change_trigger AFTER INSERT OR UPDATE OR DELETE ON results
    FOR EACH ROW EXECUTE FUNCTION notify_table_change();
