-- Entries of the audit log that are not sealed yet, each with the salt that its digests will have.
CREATE TABLE audit_unsealed (
    entry UUID PRIMARY KEY,
    salt  TEXT NOT NULL
);

-- What holds the entries together: each hash is over the one before and the entry. Who, what and from where are in it as
-- salted digests, so that they can be blanked.
CREATE TABLE audit_chain (
    seq            BIGINT PRIMARY KEY,
    entry          UUID NOT NULL UNIQUE,
    -- Null once who, what and from where were blanked.
    salt           TEXT,
    actor_digest   TEXT NOT NULL,
    object_digest  TEXT NOT NULL,
    address_digest TEXT NOT NULL,
    hash           TEXT NOT NULL
);

-- Where the chain begins, once entries were removed from its beginning.
CREATE TABLE audit_anchor (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  BIGINT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_log_object ON audit_log (object, id);

INSERT INTO audit_unsealed (entry, salt) SELECT id, replace(gen_random_uuid()::text, '-', '') FROM audit_log;

CREATE FUNCTION note_unsealed_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (entry, salt) VALUES (NEW.id, replace(gen_random_uuid()::text, '-', ''));
    RETURN NULL;
END $$;

CREATE TRIGGER audit_log_unsealed AFTER INSERT ON audit_log
    FOR EACH ROW EXECUTE FUNCTION note_unsealed_entry();

-- Nothing but to remove what is before the anchor, and to forget who, what and from where, once the salt is gone.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM audit_chain c, audit_anchor a WHERE c.entry = OLD.id AND c.seq <= a.seq) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action
            AND NEW.actor IS NULL AND NEW.object = '' AND NEW.address = ''
            AND EXISTS (SELECT 1 FROM audit_chain c WHERE c.entry = OLD.id AND c.salt IS NULL)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries of the audit log are neither changed nor removed';
END $$;

CREATE FUNCTION refuse_audit_chain_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM audit_anchor a WHERE a.seq >= OLD.seq) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF NEW.seq = OLD.seq AND NEW.entry = OLD.entry AND NEW.hash = OLD.hash AND NEW.salt IS NULL
            AND NEW.actor_digest = OLD.actor_digest AND NEW.object_digest = OLD.object_digest
            AND NEW.address_digest = OLD.address_digest
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'seals of the audit log are neither changed nor removed';
END $$;

CREATE TRIGGER audit_chain_append_only BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_chain_change();
CREATE TRIGGER audit_chain_no_truncate BEFORE TRUNCATE ON audit_chain
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_chain_change();
