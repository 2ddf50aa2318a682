-- A listener that starts looks for where the log stood some minutes ago.
CREATE INDEX change_log_at ON change_log (at);
