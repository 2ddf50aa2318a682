-- The task whose result was taken over in place of reading the same bytes once more. It may be gone since, so that it is
-- no foreign key.
ALTER TABLE results ADD COLUMN IF NOT EXISTS same_as UUID;
CREATE INDEX IF NOT EXISTS files_sha256 ON files (sha256);
