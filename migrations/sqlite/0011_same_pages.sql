-- What a page was read from and how, so that the same picture of the same user need not be read again. The page itself
-- says it too; here it can be looked up. Rows that are not looked up take no room in the index.
ALTER TABLE result_pages ADD COLUMN digest TEXT;
CREATE INDEX result_pages_digest ON result_pages (digest, task_id, number) WHERE digest IS NOT NULL;
