-- Waiting again means from the start, whatever was tried before: a person who sets a task to pending does
-- not know of the other columns. Our own writes count the version up.
CREATE TRIGGER tasks_waiting_again AFTER UPDATE OF status ON tasks
WHEN NEW.version = OLD.version AND NEW.status = 'pending' AND OLD.status <> 'pending' BEGIN
    UPDATE tasks SET failures = 0, lease_expires_at = NULL, run_after = NULL WHERE id = NEW.id;
END;
