-- Holds: money set aside until it is posted or given free.

-- The tenant's own books exist once per currency, the new ones too.
DROP INDEX account_book;
CREATE UNIQUE INDEX account_book ON account (tenant, kind, currency)
    WHERE kind IN ('wallet', 'fees_income', 'external_funding', 'network_settlement',
        'crypto_clearing', 'loss');

-- What open holds will bring and what they keep from being spent.
ALTER TABLE account ADD COLUMN held_credits INTEGER NOT NULL DEFAULT 0 CHECK (held_credits >= 0);
ALTER TABLE account ADD COLUMN held_debits INTEGER NOT NULL DEFAULT 0 CHECK (held_debits >= 0);

-- An entry may come from a transaction of a card as it may come from an order.
ALTER TABLE journal_entry ADD COLUMN card_transaction INTEGER;

-- Every authorization writes one row here: it is appended in the order of ids, and has neither
-- index nor foreign key. That both accounts exist is known from changing them beforehand.
CREATE TABLE hold (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    payer INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    posted INTEGER NOT NULL DEFAULT 0 CHECK (posted >= 0),
    voided INTEGER NOT NULL DEFAULT 0 CHECK (voided >= 0),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'posted', 'voided', 'expired')),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant, id),
    CHECK (payer <> receiver),
    CHECK (posted <= amount - voided),
    CHECK ((state = 'open') = (posted < amount - voided)),
    CHECK ((state = 'open') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
