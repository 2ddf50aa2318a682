-- Entries of the audit log that are not sealed yet, each with the salt that its digests will have.
CREATE TABLE audit_unsealed (
    entry TEXT PRIMARY KEY NOT NULL,
    salt  TEXT NOT NULL
) WITHOUT ROWID;

-- What holds the entries together: each hash is over the one before and the entry. Who, what and from where are in it as
-- salted digests, so that they can be blanked.
CREATE TABLE audit_chain (
    seq            INTEGER PRIMARY KEY NOT NULL,
    entry          TEXT NOT NULL UNIQUE,
    -- Null once who, what and from where were blanked.
    salt           TEXT,
    actor_digest   TEXT NOT NULL,
    object_digest  TEXT NOT NULL,
    address_digest TEXT NOT NULL,
    hash           TEXT NOT NULL
);

-- Where the chain begins, once entries were removed from its beginning.
CREATE TABLE audit_anchor (
    one  INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_log_object ON audit_log (object, id);

INSERT INTO audit_unsealed (entry, salt) SELECT id, lower(hex(randomblob(16))) FROM audit_log;

CREATE TRIGGER audit_log_unsealed AFTER INSERT ON audit_log BEGIN
    INSERT INTO audit_unsealed (entry, salt) VALUES (NEW.id, lower(hex(randomblob(16))));
END;

DROP TRIGGER audit_log_no_update;
DROP TRIGGER audit_log_no_delete;

-- Nothing but to forget who, what and from where, once the salt is gone.
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
WHEN NOT (
    NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action
    AND NEW.actor IS NULL AND NEW.object = '' AND NEW.address = ''
    AND EXISTS (SELECT 1 FROM audit_chain WHERE entry = OLD.id AND salt IS NULL)
) BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not changed');
END;

-- Nothing but what is before the anchor.
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
WHEN NOT EXISTS (
    SELECT 1 FROM audit_chain, audit_anchor
    WHERE audit_chain.entry = OLD.id AND audit_chain.seq <= audit_anchor.seq
) BEGIN
    SELECT RAISE(ABORT, 'entries of the audit log are not removed');
END;

CREATE TRIGGER audit_chain_no_update BEFORE UPDATE ON audit_chain
WHEN NOT (
    NEW.seq = OLD.seq AND NEW.entry = OLD.entry AND NEW.hash = OLD.hash AND NEW.salt IS NULL
    AND NEW.actor_digest = OLD.actor_digest AND NEW.object_digest = OLD.object_digest
    AND NEW.address_digest = OLD.address_digest
) BEGIN
    SELECT RAISE(ABORT, 'seals of the audit log are not changed');
END;

CREATE TRIGGER audit_chain_no_delete BEFORE DELETE ON audit_chain
WHEN NOT EXISTS (SELECT 1 FROM audit_anchor WHERE audit_anchor.seq >= OLD.seq) BEGIN
    SELECT RAISE(ABORT, 'seals of the audit log are not removed');
END;
