-- The movable time of a sandbox, and its saved states.

-- A tenant without a row has real time. A row runs at an offset or stands still at a time.
CREATE TABLE domain_clock (
    tenant INTEGER PRIMARY KEY REFERENCES tenant (id),
    offset_ms INTEGER,
    frozen_at INTEGER,
    CHECK ((offset_ms IS NULL) <> (frozen_at IS NULL))
) STRICT;

-- Jobs of a tenant with a time of its own are looked up by its time.
CREATE INDEX job_by_tenant ON job (tenant, due_at, id);

-- What a database is was written once, and what only a sandbox may do rests on it.
CREATE TRIGGER environment_keeps BEFORE UPDATE ON environment
    BEGIN SELECT RAISE(ABORT, 'the environment never changes'); END;
CREATE TRIGGER environment_stays BEFORE DELETE ON environment
    BEGIN SELECT RAISE(ABORT, 'the environment never changes'); END;

CREATE TRIGGER domain_clock_only_in_sandbox BEFORE INSERT ON domain_clock
    WHEN NOT EXISTS (SELECT 1 FROM environment WHERE name = 'sandbox')
    OR EXISTS (SELECT 1 FROM environment WHERE name <> 'sandbox')
    BEGIN SELECT RAISE(ABORT, 'only a sandbox moves its clock'); END;

-- A saved state of one tenant: its rows, as many to a part as fit, in the order in which they are
-- put back.
CREATE TABLE snapshot (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    name TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    row_count INTEGER NOT NULL CHECK (row_count >= 0),
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_part (
    tenant INTEGER NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (tenant, name, position),
    FOREIGN KEY (tenant, name) REFERENCES snapshot (tenant, name)
) STRICT;

CREATE TRIGGER snapshot_only_in_sandbox BEFORE INSERT ON snapshot
    WHEN NOT EXISTS (SELECT 1 FROM environment WHERE name = 'sandbox')
    OR EXISTS (SELECT 1 FROM environment WHERE name <> 'sandbox')
    BEGIN SELECT RAISE(ABORT, 'only a sandbox saves its state'); END;

-- A row is here only inside the transaction that puts a tenant's saved state back. It is the one
-- reason for which rows leave the append-only tables, and production cannot have it.
CREATE TABLE restoring (
    tenant INTEGER PRIMARY KEY REFERENCES tenant (id)
) STRICT;

CREATE TRIGGER restoring_only_in_sandbox BEFORE INSERT ON restoring
    WHEN NOT EXISTS (SELECT 1 FROM environment WHERE name = 'sandbox')
    OR EXISTS (SELECT 1 FROM environment WHERE name <> 'sandbox')
    BEGIN SELECT RAISE(ABORT, 'only a sandbox puts a saved state back'); END;
CREATE TRIGGER restoring_keeps BEFORE UPDATE ON restoring
    BEGIN SELECT RAISE(ABORT, 'it comes and goes, and never changes'); END;

DROP TRIGGER journal_entry_stays;
CREATE TRIGGER journal_entry_stays BEFORE DELETE ON journal_entry
    WHEN NOT EXISTS (SELECT 1 FROM restoring WHERE tenant = OLD.tenant)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
DROP TRIGGER transfer_stays;
CREATE TRIGGER transfer_stays BEFORE DELETE ON transfer
    WHEN NOT EXISTS (SELECT 1 FROM restoring WHERE tenant = OLD.tenant)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
DROP TRIGGER event_stays;
CREATE TRIGGER event_stays BEFORE DELETE ON event
    WHEN NOT EXISTS (SELECT 1 FROM restoring WHERE tenant = OLD.tenant)
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
