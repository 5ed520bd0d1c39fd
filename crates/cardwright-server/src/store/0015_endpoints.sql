-- Step 15: webhook endpoints and decisions that were asked for.

-- Where a tenant's events are delivered to. Removed ones keep their row, without their secrets,
-- because deliveries to them stay in the log. Events are the words of a filter, apart by blanks;
-- none lets all through.
CREATE TABLE webhook_endpoint (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    url TEXT NOT NULL,
    dialect TEXT NOT NULL CHECK (dialect IN ('finci', 'fincard', 'standard')),
    events TEXT NOT NULL,
    disabled_reason TEXT,
    disabled_at INTEGER,
    secret_sealed BLOB NOT NULL,
    previous_sealed BLOB,
    previous_until INTEGER,
    switches_at INTEGER,
    headers_sealed BLOB,
    header_names TEXT NOT NULL,
    timeout_ms INTEGER NOT NULL CHECK (timeout_ms > 0),
    fault_plan TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (tenant, id),
    CHECK ((disabled_reason IS NULL) = (disabled_at IS NULL)),
    CHECK ((previous_sealed IS NULL) = (previous_until IS NULL)),
    CHECK ((previous_sealed IS NULL) = (switches_at IS NULL))
) STRICT;

-- RSA key pairs that took the place of a tenant's first one, which is among its other secrets.
CREATE TABLE webhook_key (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    public_pem TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

-- Who decides about authorizations that the platform would approve.
ALTER TABLE tenant ADD COLUMN decisioning TEXT NOT NULL DEFAULT 'platform'
    CHECK (decisioning IN ('platform', 'integrator'));

-- Questions to integrators, each asked once. The amounts are what was set aside meanwhile, or more of
-- it; the answer is what the network was told.
CREATE TABLE decision (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    authorization_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('authorization', 'incremental')),
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    billing INTEGER NOT NULL CHECK (billing >= 0),
    outcome TEXT,
    decline TEXT,
    answer TEXT,
    duration_ms INTEGER,
    late TEXT,
    late_ms INTEGER,
    created_at INTEGER NOT NULL,
    decided_at INTEGER,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, authorization_id) REFERENCES card_authorization (tenant, id)
) STRICT;
CREATE INDEX decision_by_authorization ON decision (tenant, authorization_id);
CREATE INDEX decision_open ON decision (tenant, id) WHERE outcome IS NULL;
