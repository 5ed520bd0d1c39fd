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
