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

-- Coins of the wallet; every tenant sees the same ones.
CREATE TABLE coin (
    key TEXT PRIMARY KEY,
    chain TEXT NOT NULL,
    name TEXT NOT NULL,
    full_name TEXT NOT NULL,
    decimals INTEGER NOT NULL CHECK (decimals >= 0),
    shown_decimals INTEGER NOT NULL CHECK (shown_decimals >= 0),
    confirmations INTEGER NOT NULL CHECK (confirmations > 0),
    currency TEXT NOT NULL,
    fee_basis_points INTEGER NOT NULL CHECK (fee_basis_points BETWEEN 0 AND 10000),
    fee_fixed INTEGER NOT NULL CHECK (fee_fixed >= 0),
    contract TEXT NOT NULL,
    address_page TEXT NOT NULL,
    transaction_page TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled'))
) STRICT, WITHOUT ROWID;
INSERT INTO coin (key, chain, name, full_name, decimals, shown_decimals, confirmations, currency,
    fee_basis_points, fee_fixed, contract, address_page, transaction_page, status)
VALUES
    ('USDT_TRC20', 'TRC20', 'USDT', 'Tether USD', 6, 6, 38, 'USD', 150, 0,
        'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', 'https://tronscan.org/#/address/{address}',
        'https://tronscan.org/#/transaction/{txHash}', 'enabled'),
    ('USDT_BEP20', 'BEP20', 'USDT', 'Tether USD', 18, 8, 15, 'USD', 150, 0,
        '0x55d398326f99059ff775485246999027b3197955', 'https://bscscan.com/address/{address}',
        'https://bscscan.com/tx/{txHash}', 'enabled');

-- Where an account's deposits are sent: one address for each coin.
CREATE TABLE deposit_address (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    coin TEXT NOT NULL REFERENCES coin (key),
    address TEXT NOT NULL,
    label TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, account, coin),
    UNIQUE (coin, address),
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id)
) STRICT;

-- Coins that were sent. The number of units is text: coins have more decimals than 64 bits.
CREATE TABLE deposit (
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
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, coin, transaction_hash),
    CHECK ((state = 'success') = (received IS NOT NULL)),
    CHECK ((state = 'success') = (entry IS NOT NULL)),
    CHECK ((state = 'fail') = (failure IS NOT NULL)),
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id),
    FOREIGN KEY (tenant, entry) REFERENCES journal_entry (tenant, id)
) STRICT;
CREATE INDEX deposit_by_account ON deposit (tenant, account, id);

-- Where a card's plastic is; a card without a row has all of it here, or none.
CREATE TABLE shipment (
    tenant INTEGER NOT NULL,
    card INTEGER NOT NULL,
    shipped_at INTEGER,
    delivered_at INTEGER,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, card),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT, WITHOUT ROWID;

-- What cardholders are asked to prove. The code or link is sealed.
CREATE TABLE challenge (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    card INTEGER NOT NULL,
    kind TEXT NOT NULL,
    merchant TEXT,
    amount INTEGER,
    currency TEXT,
    value_sealed BLOB NOT NULL,
    expires_at INTEGER,
    state TEXT NOT NULL,
    wrong_tries INTEGER NOT NULL CHECK (wrong_tries >= 0),
    ended_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((amount IS NULL) = (merchant IS NULL) AND (amount IS NULL) = (currency IS NULL)),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT;
CREATE INDEX challenge_by_card ON challenge (tenant, card, id);
-- Only the newest code activates a card.
CREATE UNIQUE INDEX challenge_open_code ON challenge (tenant, card)
    WHERE kind = 'activation_code' AND state = 'open';

CREATE TABLE wallet_token (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    card INTEGER NOT NULL,
    wallet TEXT NOT NULL,
    reference TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id)
) STRICT;
CREATE INDEX wallet_token_by_card ON wallet_token (tenant, card, id);

CREATE TABLE work_order (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER NOT NULL,
    number TEXT NOT NULL,
    title TEXT NOT NULL,
    target TEXT NOT NULL,
    trade_type TEXT NOT NULL,
    content TEXT NOT NULL,
    remark TEXT,
    description TEXT,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number)
) STRICT;
