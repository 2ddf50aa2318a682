-- What engines charged for a result: pages, and millionths of a US dollar.
ALTER TABLE results ADD COLUMN billed_pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE results ADD COLUMN cost_micros INTEGER NOT NULL DEFAULT 0;

-- What engines must remember of a task between attempts, such as the job they pay for: JSON, written by
-- the attempt that holds the task and removed when the task is asked for again.
CREATE TABLE task_checkpoints (
    task_id TEXT PRIMARY KEY NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    body    TEXT NOT NULL
) WITHOUT ROWID;
