-- What the card network asked and was answered, and what it settled.

-- What a product says about the use of its cards; a product that is not here has the usual terms.
CREATE TABLE product_terms (
    product INTEGER PRIMARY KEY REFERENCES product (id),
    markup_basis_points INTEGER NOT NULL CHECK (markup_basis_points >= 0),
    hold_days INTEGER NOT NULL CHECK (hold_days > 0),
    lodging_hold_days INTEGER NOT NULL CHECK (lodging_hold_days > 0),
    restores_limits INTEGER NOT NULL CHECK (restores_limits IN (0, 1))
) STRICT;

-- How many units of one currency a unit of the other is worth, in millionths.
CREATE TABLE exchange_rate (
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    micros INTEGER NOT NULL CHECK (micros > 0),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (source, target),
    CHECK (source <> target)
) STRICT, WITHOUT ROWID;

-- Every message of the network under its own reference, with what it was answered.
CREATE TABLE network_message (
    tenant INTEGER NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, reference)
) STRICT, WITHOUT ROWID;

-- Amounts without a currency in their name are in the asked currency (`currency`); `billing`,
-- `held`, `posted`, `restored` and `counted` are in the account's (`billing_currency`).
CREATE TABLE card_authorization (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    card INTEGER NOT NULL,
    account INTEGER NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    status TEXT NOT NULL,
    decline TEXT,
    currency TEXT NOT NULL,
    asked INTEGER NOT NULL CHECK (asked >= 0),
    approved INTEGER NOT NULL CHECK (approved >= 0),
    reversed INTEGER NOT NULL CHECK (reversed >= 0),
    cleared INTEGER NOT NULL CHECK (cleared >= 0),
    billing_currency TEXT NOT NULL,
    billing INTEGER NOT NULL CHECK (billing >= 0),
    rate INTEGER NOT NULL CHECK (rate > 0),
    held INTEGER NOT NULL CHECK (held >= 0),
    posted INTEGER NOT NULL CHECK (posted >= 0),
    restored INTEGER NOT NULL CHECK (restored >= 0),
    counted INTEGER NOT NULL CHECK (counted >= 0),
    hold INTEGER,
    channel TEXT NOT NULL,
    merchant TEXT NOT NULL,
    wallet_token INTEGER,
    reference TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((decline IS NULL) = (status <> 'declined')),
    CHECK (held = 0 OR status = 'open')
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX card_authorization_by_number ON card_authorization (number);
CREATE INDEX card_authorization_by_card ON card_authorization (tenant, card, created_at);
CREATE INDEX card_authorization_by_expiry ON card_authorization (tenant, expires_at)
    WHERE status = 'open';
-- Which cards spend from an account.
CREATE INDEX card_by_account ON card (tenant, account);

CREATE TABLE card_transaction (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    authorization_id INTEGER,
    original INTEGER,
    card INTEGER NOT NULL,
    account INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    billing_currency TEXT NOT NULL,
    billing INTEGER NOT NULL CHECK (billing >= 0),
    markup INTEGER NOT NULL CHECK (markup BETWEEN 0 AND billing),
    returned INTEGER NOT NULL CHECK (returned BETWEEN 0 AND amount),
    returned_billing INTEGER NOT NULL CHECK (returned_billing BETWEEN 0 AND billing),
    settlement TEXT NOT NULL,
    merchant TEXT NOT NULL,
    reference TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, authorization_id) REFERENCES card_authorization (tenant, id),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id),
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id)
) STRICT;
CREATE INDEX card_transaction_by_card ON card_transaction (tenant, card, id);
CREATE INDEX card_transaction_by_authorization ON card_transaction (tenant, authorization_id)
    WHERE authorization_id IS NOT NULL;

CREATE TABLE dispute (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    card_transaction INTEGER NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    billing_currency TEXT NOT NULL,
    billing INTEGER NOT NULL CHECK (billing >= 0),
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, card_transaction) REFERENCES card_transaction (tenant, id)
) STRICT;
CREATE INDEX dispute_by_transaction ON dispute (tenant, card_transaction);
