-- Step 16: deliveries of events and their attempts.

-- Events that are still to be handed out. A row comes with its event, by the trigger below, and goes
-- with the deliveries that the event means. A tenant that never had an endpoint has none, so that
-- its events cost nothing but the question.
CREATE TABLE event_outbox (
    tenant INTEGER NOT NULL,
    event INTEGER NOT NULL,
    PRIMARY KEY (tenant, event)
) STRICT, WITHOUT ROWID;

-- Rows that are put back are no news.
CREATE TRIGGER event_is_news AFTER INSERT ON event
    WHEN EXISTS (SELECT 1 FROM webhook_endpoint WHERE tenant = NEW.tenant)
    AND NOT EXISTS (SELECT 1 FROM restoring WHERE tenant = NEW.tenant)
    BEGIN INSERT INTO event_outbox (tenant, event) VALUES (NEW.tenant, NEW.id); END;

-- Events that nobody could make a message of; they keep no other waiting.
CREATE TABLE event_unsent (
    tenant INTEGER NOT NULL,
    event INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, event)
) STRICT, WITHOUT ROWID;

-- Events of a subject, and messages of an endpoint, are numbered without gaps.
CREATE TABLE event_counter (
    tenant INTEGER NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (tenant, subject_kind, subject_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE event_number (
    tenant INTEGER NOT NULL,
    event INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (tenant, event)
) STRICT, WITHOUT ROWID;

-- A message to an endpoint. Sent by whoever holds the lease; a lease that ran out is anybody's.
CREATE TABLE delivery (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    event INTEGER NOT NULL,
    message TEXT NOT NULL,
    word TEXT NOT NULL,
    category TEXT,
    cause TEXT NOT NULL CHECK (cause IN ('event', 'resend', 'replay', 'deliver')),
    ordinal INTEGER NOT NULL,
    body_sealed BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'replayed')),
    sends INTEGER NOT NULL CHECK (sends >= 0),
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, endpoint) REFERENCES webhook_endpoint (tenant, id),
    CHECK ((state = 'pending') = (ended_at IS NULL))
) STRICT;
CREATE INDEX delivery_due ON delivery (tenant, endpoint, due_at, id) WHERE state = 'pending';
CREATE INDEX delivery_by_event ON delivery (tenant, event, endpoint);
CREATE INDEX delivery_by_endpoint ON delivery (tenant, endpoint, id);

-- What came of each time that a message was sent. Started is real time, next is the tenant's.
CREATE TABLE delivery_attempt (
    tenant INTEGER NOT NULL,
    delivery INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER,
    reason TEXT,
    answer BLOB,
    fault TEXT,
    next_at INTEGER,
    PRIMARY KEY (tenant, delivery, number)
) STRICT, WITHOUT ROWID;

-- Since when an endpoint has taken nothing, by the tenant's time; no row where it last took
-- something.
CREATE TABLE endpoint_failure (
    tenant INTEGER NOT NULL,
    endpoint INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (tenant, endpoint)
) STRICT, WITHOUT ROWID;

-- What had announced a deposit.
CREATE INDEX deposit_order_by_deposit ON deposit_order (tenant, deposit) WHERE deposit IS NOT NULL;
