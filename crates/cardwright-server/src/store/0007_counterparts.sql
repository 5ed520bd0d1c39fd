-- What the other parties of a card program do: chains, couriers, staff, wallets.

-- The keys by which presented card verification values and PINs are checked, sealed under the
-- environment's key. One of each for good.
CREATE TABLE verification_key (
    purpose TEXT PRIMARY KEY CHECK (purpose IN ('card', 'pin')),
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is kept of a card's PIN: a keyed value of card and PIN, never the PIN.
CREATE TABLE card_pin (
    tenant INTEGER NOT NULL,
    card INTEGER NOT NULL,
    value BLOB NOT NULL CHECK (length(value) = 32),
    wrong_tries INTEGER NOT NULL CHECK (wrong_tries >= 0),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, card),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT, WITHOUT ROWID;
