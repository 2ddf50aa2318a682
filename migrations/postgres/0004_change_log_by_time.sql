-- A listener that starts looks for where the log stood some minutes ago. Rows come in the order of their time,
-- near enough for the smallest of indexes, which costs a change next to nothing.
CREATE INDEX change_log_at ON change_log USING brin (at);
