-- What is looked up of transactions.

-- Each time that an authorization was taken back, whole or in part.
CREATE TABLE card_void (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    authorization_id INTEGER NOT NULL,
    card INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    billing_currency TEXT NOT NULL,
    billing INTEGER NOT NULL CHECK (billing >= 0),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, authorization_id) REFERENCES card_authorization (tenant, id),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT;
CREATE INDEX card_void_by_card ON card_void (tenant, card, id);

-- Fees that belong to no merchant, and fees that the wallet paid in a card's place. The origin is
-- the published number of what the fee was for.
CREATE TABLE card_fee (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    card INTEGER NOT NULL,
    origin TEXT,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    description TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT;
CREATE INDEX card_fee_by_card ON card_fee (tenant, card, id);
CREATE INDEX card_fee_by_origin ON card_fee (tenant, origin) WHERE origin IS NOT NULL;

-- Events that were sent to the platform's own address, each once.
CREATE TABLE received_event (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, event_id)
) STRICT, WITHOUT ROWID;
