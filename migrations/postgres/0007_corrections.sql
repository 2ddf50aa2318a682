-- What people did to pages, in the order in which they did it. Rows are only added; those of a page are numbered
-- from 1, and the last number is the version of the page.
CREATE TABLE corrections (
    task_id UUID NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    page    BIGINT NOT NULL,
    version BIGINT NOT NULL,
    -- Who did it; NULL for the platform itself.
    user_id UUID,
    at      TIMESTAMPTZ NOT NULL,
    -- What tells the text that it was done to from what is read another time.
    base    TEXT NOT NULL,
    -- What was done, as JSON. As text: a JSON column would refuse null characters and change numbers.
    action  TEXT NOT NULL,
    PRIMARY KEY (task_id, page, version)
);
