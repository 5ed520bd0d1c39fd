-- The first schema. Ids, money (minor units) and times (Unix ms) are integers; every table of
-- tenant data has the tenant first in its key.

CREATE TABLE environment (
    name TEXT PRIMARY KEY CHECK (name IN ('sandbox', 'production')),
    seed TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sequence (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    organization_uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kyc_mode TEXT NOT NULL CHECK (kyc_mode IN ('auto', 'manual')),
    created_at INTEGER NOT NULL
) STRICT;

-- Data keys and other long-lived secrets, sealed under the key-encryption key.
CREATE TABLE data_key (
    id INTEGER PRIMARY KEY,
    tenant INTEGER,
    purpose TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Keys that sign session tokens, sealed under the environment's key.
CREATE TABLE token_key (
    kid TEXT PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_secret (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    purpose TEXT NOT NULL,
    sealed BLOB NOT NULL,
    public_text TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, purpose)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('finci', 'network')),
    token TEXT NOT NULL UNIQUE,
    secret_sealed BLOB NOT NULL,
    canonical_form TEXT NOT NULL,
    allowlist TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE admin_key (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    role TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE api_user (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    uuid TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    username TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, email),
    UNIQUE (tenant, username)
) STRICT;

CREATE TABLE session (
    tenant INTEGER NOT NULL,
    id TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, user_id) REFERENCES api_user (tenant, id)
) STRICT;
CREATE INDEX session_by_expiry ON session (expires_at);

-- Failed logins, by user and peer address.
CREATE TABLE login_failure (
    tenant INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    address TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    locked_until INTEGER,
    PRIMARY KEY (tenant, user_id, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX login_failure_by_time ON login_failure (last_at);

CREATE TABLE login_pressure (
    tenant INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    last_attempt_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE product (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    bin TEXT NOT NULL,
    scheme TEXT NOT NULL,
    mode TEXT NOT NULL,
    form TEXT NOT NULL,
    category TEXT NOT NULL,
    currency TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price >= 0),
    holder_model TEXT NOT NULL,
    holder_required INTEGER NOT NULL CHECK (holder_required IN (0, 1)),
    cards_per_holder INTEGER NOT NULL CHECK (cards_per_holder > 0),
    initial_min INTEGER,
    initial_max INTEGER,
    recharge_min INTEGER,
    recharge_max INTEGER,
    recharge_rate_basis_points INTEGER,
    recharge_fixed_fee INTEGER,
    retention INTEGER NOT NULL CHECK (retention >= 0),
    activation INTEGER NOT NULL,
    freezing INTEGER NOT NULL,
    kyc_verification INTEGER NOT NULL,
    validity_months INTEGER NOT NULL,
    status TEXT NOT NULL,
    CHECK ((initial_min IS NULL) = (initial_max IS NULL)),
    CHECK ((recharge_min IS NULL) = (recharge_max IS NULL))
) STRICT;

CREATE TABLE holder (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'corporate', 'employee')),
    number TEXT UNIQUE,
    corporate INTEGER,
    model TEXT,
    first_name TEXT NOT NULL,
    middle_name TEXT,
    last_name TEXT NOT NULL,
    birth_date TEXT,
    nationality TEXT,
    email TEXT,
    email_key TEXT,
    search_key TEXT NOT NULL,
    area_code TEXT,
    phone TEXT,
    address TEXT,
    document_kind TEXT,
    document_masked TEXT,
    document_sealed BLOB,
    document_lookup BLOB,
    product INTEGER,
    kyc_status TEXT NOT NULL,
    kyc_stage TEXT NOT NULL,
    kyc_reason TEXT,
    external_id TEXT,
    profile TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, corporate) REFERENCES holder (tenant, id)
) STRICT;
CREATE INDEX holder_by_email ON holder (tenant, email_key);
CREATE INDEX holder_by_document ON holder (tenant, document_lookup);
CREATE INDEX holder_by_external_id ON holder (tenant, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX holder_by_corporate ON holder (tenant, corporate) WHERE corporate IS NOT NULL;

CREATE TABLE account (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    owner INTEGER,
    currency TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    external_id TEXT,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    debits INTEGER NOT NULL CHECK (debits >= 0),
    floor INTEGER,
    entry_sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, owner) REFERENCES holder (tenant, id)
) STRICT;
CREATE INDEX account_by_owner ON account (tenant, owner);
-- The tenant's own books exist once per currency.
CREATE UNIQUE INDEX account_book ON account (tenant, kind, currency)
    WHERE kind IN ('wallet', 'fees_income', 'external_funding');

CREATE TABLE card (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    product INTEGER NOT NULL REFERENCES product (id),
    holder INTEGER,
    account INTEGER NOT NULL,
    paying_account INTEGER,
    state TEXT NOT NULL,
    state_since INTEGER,
    close_reason TEXT,
    blocked_since INTEGER,
    stage TEXT NOT NULL,
    embossing_name TEXT,
    expiry_month INTEGER NOT NULL,
    pan_sealed BLOB NOT NULL,
    pan_lookup BLOB NOT NULL UNIQUE,
    first_six TEXT NOT NULL,
    last_four TEXT NOT NULL,
    remark TEXT,
    external_id TEXT,
    delivery TEXT,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, holder) REFERENCES holder (tenant, id),
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, paying_account) REFERENCES account (tenant, id)
) STRICT;
CREATE INDEX card_by_holder ON card (tenant, holder, id);

CREATE TABLE card_order (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    card INTEGER NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    fee INTEGER NOT NULL CHECK (fee >= 0),
    received INTEGER,
    remark TEXT,
    description TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT;
CREATE INDEX card_order_by_card ON card_order (tenant, card, id);

-- The journal: an entry is one or more transfers committed together. Never updated, never deleted.
CREATE TABLE journal_entry (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    card_order INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE transfer (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    payer INTEGER NOT NULL,
    payer_sequence INTEGER NOT NULL,
    payer_balance INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    receiver_sequence INTEGER NOT NULL,
    receiver_balance INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, payer, payer_sequence),
    UNIQUE (tenant, receiver, receiver_sequence),
    CHECK (payer <> receiver),
    FOREIGN KEY (tenant, entry) REFERENCES journal_entry (tenant, id),
    FOREIGN KEY (tenant, payer) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, receiver) REFERENCES account (tenant, id)
) STRICT;

CREATE TABLE audit (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    address TEXT NOT NULL,
    claimed_for TEXT,
    claimed_from TEXT,
    request_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE event (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    subject_sequence INTEGER NOT NULL,
    facts TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, subject_kind, subject_id, subject_sequence)
) STRICT;

-- Signatures of state-changing requests that were already taken.
CREATE TABLE replay (
    tenant INTEGER NOT NULL,
    credential INTEGER NOT NULL,
    signature BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, credential, signature)
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_by_expiry ON replay (expires_at);

-- Requests that carried their caller's own key, and what they were answered.
CREATE TABLE answered_request (
    tenant INTEGER NOT NULL,
    scope TEXT NOT NULL,
    request_key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (tenant, scope, request_key)
) STRICT;
CREATE INDEX answered_request_by_expiry ON answered_request (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE job (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) STRICT;
CREATE INDEX job_by_due ON job (due_at, id);

CREATE TRIGGER journal_entry_keeps BEFORE UPDATE ON journal_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_entry_stays BEFORE DELETE ON journal_entry
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER transfer_keeps BEFORE UPDATE ON transfer
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER transfer_stays BEFORE DELETE ON transfer
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER event_keeps BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
