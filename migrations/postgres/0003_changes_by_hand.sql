-- Functions of a trigger run for whoever changes a row, two of them with the rights of their owner. Postgres
-- searches a session's temporary tables first unless they are named, so that a table of the right name
-- would be written to in place of ours: they come last.
DO $$
DECLARE
    own text := quote_ident(current_schema());
BEGIN
    EXECUTE format('ALTER FUNCTION log_change(text, text, uuid, uuid, uuid, text) SET search_path = %s, pg_temp', own);
    EXECUTE format('ALTER FUNCTION notify_table_change() SET search_path = %s, pg_temp', own);
    EXECUTE format('ALTER FUNCTION complete_task_row() SET search_path = %s, pg_temp', own);
END $$;
