-- Crashes are counted apart from failures, a task may have a deadline, and what became of each attempt is kept: JSON.
ALTER TABLE tasks ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN max_crashes INTEGER NOT NULL DEFAULT 3;
ALTER TABLE tasks ADD COLUMN deadline_at TEXT;
ALTER TABLE tasks ADD COLUMN history TEXT NOT NULL DEFAULT '{}';
CREATE INDEX tasks_failed ON tasks (created_at DESC, id DESC) WHERE status = 'failed' AND deleted_at IS NULL;

-- Waiting again means from the start, whatever was tried before.
DROP TRIGGER tasks_waiting_again;
CREATE TRIGGER tasks_waiting_again AFTER UPDATE OF status ON tasks
WHEN NEW.version = OLD.version AND NEW.status = 'pending' AND OLD.status <> 'pending' BEGIN
    UPDATE tasks SET failures = 0, crashes = 0, lease_expires_at = NULL, run_after = NULL, deadline_at = NULL
    WHERE id = NEW.id;
END;
