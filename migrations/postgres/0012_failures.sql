-- Crashes are counted apart from failures, a task may have a deadline, and what became of each attempt is kept: JSON, as
-- text, because it may hold characters that JSONB cannot.
ALTER TABLE tasks
    ADD COLUMN IF NOT EXISTS crashes BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS max_crashes BIGINT NOT NULL DEFAULT 3,
    ADD COLUMN IF NOT EXISTS deadline_at TIMESTAMPTZ,
    ADD COLUMN IF NOT EXISTS history TEXT NOT NULL DEFAULT '{}';
CREATE INDEX IF NOT EXISTS tasks_deadline ON tasks (deadline_at) WHERE deadline_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX IF NOT EXISTS tasks_failed ON tasks (created_at DESC, id DESC)
    WHERE status = 'failed' AND deleted_at IS NULL;

-- Waiting again means from the start, whatever was tried before.
CREATE OR REPLACE FUNCTION tasks_waiting_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.crashes := 0;
    NEW.deadline_at := NULL;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS tasks_waiting_again ON tasks;
CREATE TRIGGER tasks_waiting_again BEFORE UPDATE ON tasks FOR EACH ROW
    WHEN (NEW.version = OLD.version AND NEW.status = 'pending' AND OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION tasks_waiting_again();
