-- What engines charged for a result: pages, and millionths of a US dollar.
ALTER TABLE results
    ADD COLUMN IF NOT EXISTS billed_pages BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS cost_micros BIGINT NOT NULL DEFAULT 0;

-- What engines must remember of a task between attempts, such as the job they pay for: JSON, written by
-- the attempt that holds the task and removed when the task is asked for again.
CREATE TABLE IF NOT EXISTS task_checkpoints (
    task_id UUID PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
    body    TEXT NOT NULL
);
