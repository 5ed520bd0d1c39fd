-- What is written without a search tree on the side: SQLite looks a list of more than two values up in
-- one, which it makes and drops again for every row, and each authorization adds a hold.
CREATE TABLE hold_anew (
    tenant INTEGER NOT NULL,
    id INTEGER NOT NULL,
    payer INTEGER NOT NULL,
    receiver INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    posted INTEGER NOT NULL DEFAULT 0 CHECK (posted >= 0),
    voided INTEGER NOT NULL DEFAULT 0 CHECK (voided >= 0),
    state TEXT NOT NULL DEFAULT 'open'
        CHECK (state = 'open' OR state = 'posted' OR state = 'voided' OR state = 'expired'),
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (tenant, id),
    CHECK (payer <> receiver),
    CHECK (posted <= amount - voided),
    CHECK ((state = 'open') = (posted < amount - voided)),
    CHECK ((state = 'open') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO hold_anew (tenant, id, payer, receiver, currency, amount, posted, voided, state,
        created_at, ended_at)
    SELECT tenant, id, payer, receiver, currency, amount, posted, voided, state, created_at, ended_at
    FROM hold ORDER BY tenant, id;
DROP TABLE hold;
ALTER TABLE hold_anew RENAME TO hold;
