-- Limits and rules of products, accounts and cards. No row: everything is allowed.

CREATE TABLE controls (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    scope TEXT NOT NULL CHECK (scope IN ('card', 'account')),
    subject INTEGER NOT NULL,
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, scope, subject)
) STRICT, WITHOUT ROWID;

-- Products belong to the environment, and so do their controls.
CREATE TABLE product_controls (
    product INTEGER PRIMARY KEY REFERENCES product (id),
    body TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- What the authorizations of a card or an account have used of a window of the calendar. A row that
-- is missing is counted out of the authorizations when it is needed; one that is there is kept.
CREATE TABLE usage_counter (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    scope TEXT NOT NULL CHECK (scope IN ('card', 'account')),
    subject INTEGER NOT NULL,
    span TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    uses INTEGER NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (tenant, scope, subject, span, starts_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_counter_by_end ON usage_counter (ends_at);

-- Usage of an account is that of all its cards.
CREATE INDEX card_authorization_by_account ON card_authorization (tenant, account, created_at);
