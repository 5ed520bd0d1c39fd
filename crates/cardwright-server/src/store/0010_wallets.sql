-- Accounts and wallets as their callers see them.

-- How much of a coin is taken at a time, in minor units of its currency.
ALTER TABLE coin ADD COLUMN deposit_min INTEGER NOT NULL DEFAULT 100 CHECK (deposit_min >= 0);
ALTER TABLE coin ADD COLUMN deposit_max INTEGER NOT NULL DEFAULT 100000000 CHECK (deposit_max >= 0);

-- What a deposit's fee was reckoned by: the terms of its coin may change.
ALTER TABLE deposit ADD COLUMN fee_basis_points INTEGER;
ALTER TABLE deposit ADD COLUMN fee_fixed INTEGER;
UPDATE deposit SET
    fee_basis_points = (SELECT fee_basis_points FROM coin WHERE coin.key = deposit.coin),
    fee_fixed = (SELECT fee_fixed FROM coin WHERE coin.key = deposit.coin)
WHERE state = 'success';
-- Which deposit an entry of the journal is of.
CREATE UNIQUE INDEX deposit_by_entry ON deposit (tenant, entry) WHERE entry IS NOT NULL;

-- A deposit that a caller announced, and what came of it.
CREATE TABLE deposit_order (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    coin TEXT NOT NULL REFERENCES coin (key),
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    to_address TEXT NOT NULL,
    deposit INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, deposit),
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, deposit) REFERENCES deposit (tenant, id)
) STRICT;
CREATE INDEX deposit_order_awaited ON deposit_order (tenant, account, coin, id)
    WHERE deposit IS NULL;

-- Money that a tenant moved between its own accounts.
CREATE TABLE account_transfer (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('transfer', 'collection')),
    number TEXT NOT NULL,
    payer INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    remark TEXT,
    entry INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number),
    UNIQUE (tenant, entry),
    FOREIGN KEY (tenant, payer) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, receiver) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, entry) REFERENCES journal_entry (tenant, id)
) STRICT;

-- The book of all accounts together is read by its time, that of one account by its sequence.
CREATE INDEX transfer_by_time ON transfer (tenant, created_at, id);
-- Which entries an order or a card's transaction made.
CREATE INDEX journal_entry_by_order ON journal_entry (tenant, card_order)
    WHERE card_order IS NOT NULL;
CREATE INDEX journal_entry_by_transaction ON journal_entry (tenant, card_transaction)
    WHERE card_transaction IS NOT NULL;
