-- Deposits of coins: what is sent to whom, and addresses whose keys somebody has.

-- One transaction of a chain may pay several addresses: each payment is a deposit of its own. What
-- refers to deposits is put aside while their table is made anew.
CREATE TABLE kept_deposit_order (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    coin TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,
    to_address TEXT NOT NULL,
    deposit INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
INSERT INTO kept_deposit_order (tenant, id, account, coin, currency, amount, to_address, deposit,
        created_at, expires_at)
    SELECT tenant, id, account, coin, currency, amount, to_address, deposit, created_at, expires_at
    FROM deposit_order;
DROP TABLE deposit_order;

CREATE TABLE deposit_by_address (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    coin TEXT NOT NULL REFERENCES coin (key),
    transaction_hash TEXT NOT NULL,
    from_address TEXT NOT NULL,
    to_address TEXT NOT NULL,
    units TEXT NOT NULL,
    confirmations INTEGER NOT NULL CHECK (confirmations >= 0),
    state TEXT NOT NULL,
    received INTEGER,
    fee INTEGER,
    currency TEXT NOT NULL,
    failure TEXT,
    ended_at INTEGER,
    entry INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    fee_basis_points INTEGER,
    fee_fixed INTEGER,
    block_number INTEGER,
    block_hash TEXT,
    block_at INTEGER,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, coin, transaction_hash, to_address),
    CHECK ((state = 'success') = (received IS NOT NULL)),
    CHECK ((state = 'success') = (entry IS NOT NULL)),
    CHECK ((state = 'fail') = (failure IS NOT NULL)),
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, entry) REFERENCES journal_entry (tenant, id)
) STRICT;
INSERT INTO deposit_by_address (tenant, id, account, coin, transaction_hash, from_address,
        to_address, units, confirmations, state, received, fee, currency, failure, ended_at, entry,
        created_at, updated_at, fee_basis_points, fee_fixed, block_number, block_hash, block_at)
    SELECT tenant, id, account, coin, transaction_hash, from_address, to_address, units,
        confirmations, state, received, fee, currency, failure, ended_at, entry, created_at,
        updated_at, fee_basis_points, fee_fixed, block_number, block_hash, block_at
    FROM deposit;
DROP TABLE deposit;
ALTER TABLE deposit_by_address RENAME TO deposit;
CREATE INDEX deposit_by_account ON deposit (tenant, account, id);
CREATE UNIQUE INDEX deposit_by_entry ON deposit (tenant, entry) WHERE entry IS NOT NULL;

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
INSERT INTO deposit_order (tenant, id, account, coin, currency, amount, to_address, deposit,
        created_at, expires_at)
    SELECT tenant, id, account, coin, currency, amount, to_address, deposit, created_at, expires_at
    FROM kept_deposit_order;
DROP TABLE kept_deposit_order;
-- The announcement of an amount is found however many others are waited for.
CREATE INDEX deposit_order_awaited ON deposit_order (tenant, account, coin, amount, id)
    WHERE deposit IS NULL;

-- Hashes are written as their chain writes them: BNB Smart Chain begins them with 0x, and neither
-- chain tells great letters from small ones.
UPDATE OR IGNORE deposit SET transaction_hash = LOWER(transaction_hash);
UPDATE OR IGNORE deposit SET transaction_hash = '0x' || transaction_hash
    WHERE transaction_hash NOT LIKE '0x%'
    AND coin IN (SELECT key FROM coin WHERE chain = 'BEP20');
UPDATE deposit SET block_hash = '0x' || block_hash
    WHERE block_hash IS NOT NULL AND block_hash NOT LIKE '0x%'
    AND coin IN (SELECT key FROM coin WHERE chain = 'BEP20');

-- Addresses that operators brought, in the order in which they are given to accounts. Whoever holds
-- the company's coins has their keys.
CREATE TABLE coin_address (
    id INTEGER PRIMARY KEY,
    coin TEXT NOT NULL REFERENCES coin (key),
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    given_at INTEGER,
    UNIQUE (coin, address)
) STRICT;
CREATE INDEX coin_address_free ON coin_address (coin, id) WHERE given_at IS NULL;

-- Nobody has the keys of addresses that were made up, so production neither gives nor takes them any
-- more. Deposits and announcements remember for themselves where they went.
UPDATE coin SET status = 'disabled'
    WHERE EXISTS (SELECT 1 FROM environment WHERE name = 'production');
DELETE FROM deposit_address
    WHERE EXISTS (SELECT 1 FROM environment WHERE name = 'production');

-- Every tenant has a wallet from its first day on.
INSERT INTO account (tenant, id, kind, owner, currency, name, status, external_id, credits, debits,
        floor, entry_sequence, created_at, updated_at)
    SELECT tenant.id,
        COALESCE((SELECT value FROM sequence WHERE name = 'record_id'), 0)
            + ROW_NUMBER() OVER (ORDER BY tenant.id),
        'wallet', NULL, 'USD', 'WALLET', 'active', NULL, 0, 0, 0, 0, tenant.created_at,
        tenant.created_at
    FROM tenant WHERE NOT EXISTS (SELECT 1 FROM account
        WHERE account.tenant = tenant.id AND kind = 'wallet' AND currency = 'USD');
INSERT INTO sequence (name, value)
    SELECT 'record_id', MAX(id) FROM account WHERE kind = 'wallet' HAVING MAX(id) IS NOT NULL
    ON CONFLICT (name) DO UPDATE SET value = MAX(value, excluded.value);
