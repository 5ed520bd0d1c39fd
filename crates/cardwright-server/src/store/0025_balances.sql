-- What an account has stands apart from who it is: every authorization looks at the one and changes
-- it, for accounts by the million, and has no use for the other. A row of a balance is half as wide as
-- the account's was and is found by its number at once, so that with twice as many at hand fewer pages
-- are fetched, written and copied.
CREATE TABLE account_balance (
    account INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    floor INTEGER,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    debits INTEGER NOT NULL CHECK (debits >= 0),
    held_credits INTEGER NOT NULL CHECK (held_credits >= 0),
    held_debits INTEGER NOT NULL CHECK (held_debits >= 0),
    entry_sequence INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    FOREIGN KEY (tenant, account) REFERENCES account (tenant, id)
) STRICT;
INSERT INTO account_balance (account, tenant, currency, status, floor, credits, debits, held_credits,
        held_debits, entry_sequence, updated_at)
    SELECT id, tenant, currency, status, floor, credits, debits, held_credits, held_debits,
        entry_sequence, updated_at FROM account ORDER BY id;

-- Who it is. Whatever referred to the account refers to this.
ALTER TABLE account RENAME TO account_record;
ALTER TABLE account_record DROP COLUMN status;
ALTER TABLE account_record DROP COLUMN floor;
ALTER TABLE account_record DROP COLUMN credits;
ALTER TABLE account_record DROP COLUMN debits;
ALTER TABLE account_record DROP COLUMN held_credits;
ALTER TABLE account_record DROP COLUMN held_debits;
ALTER TABLE account_record DROP COLUMN entry_sequence;
ALTER TABLE account_record DROP COLUMN updated_at;

-- Both together, for everybody who is not in a hurry.
CREATE VIEW account AS
    SELECT record.tenant, record.id, record.kind, record.owner, record.currency, record.name,
        balance.status, record.external_id, balance.credits, balance.debits, balance.held_credits,
        balance.held_debits, balance.floor, balance.entry_sequence, record.created_at,
        balance.updated_at
    FROM account_record AS record
    JOIN account_balance AS balance ON balance.account = record.id;
