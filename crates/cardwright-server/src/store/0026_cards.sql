-- A card is found by its number at once, without an index before it, and what an authorization has to
-- know about it stands apart: rows of a table are narrower and packed closer than those of an index with
-- the same columns.
CREATE TABLE card_anew (
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    id INTEGER PRIMARY KEY,
    product INTEGER NOT NULL REFERENCES product (id),
    holder INTEGER,
    account INTEGER NOT NULL,
    paying_account INTEGER,
    state TEXT NOT NULL,
    state_since INTEGER,
    close_reason TEXT,
    blocked_since INTEGER,
    stage TEXT NOT NULL,
    embossing_name TEXT,
    expiry_month INTEGER NOT NULL,
    pan_sealed BLOB NOT NULL,
    pan_lookup BLOB NOT NULL UNIQUE,
    first_six TEXT NOT NULL,
    last_four TEXT NOT NULL,
    remark TEXT,
    external_id TEXT,
    delivery TEXT,
    created_at INTEGER NOT NULL,
    activated_at INTEGER,
    updated_at INTEGER NOT NULL,
    no_pin_payment INTEGER CHECK (no_pin_payment >= 0),
    design INTEGER,
    last_use TEXT CHECK (last_use IN ('at_work', 'at_rest')),
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, holder) REFERENCES holder (tenant, id),
    FOREIGN KEY (tenant, account) REFERENCES account_record (tenant, id),
    FOREIGN KEY (tenant, paying_account) REFERENCES account_record (tenant, id)
) STRICT;
INSERT INTO card_anew (tenant, id, product, holder, account, paying_account, state, state_since,
        close_reason, blocked_since, stage, embossing_name, expiry_month, pan_sealed, pan_lookup,
        first_six, last_four, remark, external_id, delivery, created_at, activated_at, updated_at,
        no_pin_payment, design, last_use)
    SELECT tenant, id, product, holder, account, paying_account, state, state_since, close_reason,
        blocked_since, stage, embossing_name, expiry_month, pan_sealed, pan_lookup, first_six,
        last_four, remark, external_id, delivery, created_at, activated_at, updated_at,
        no_pin_payment, design, last_use
    FROM card;
-- Whatever refers to a card refers to this one from here on.
DROP TABLE card;
ALTER TABLE card_anew RENAME TO card;
CREATE INDEX card_by_holder ON card (tenant, holder, id);
CREATE INDEX card_by_account ON card (tenant, account);
CREATE INDEX card_by_external_id ON card (tenant, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX card_by_expiry ON card (tenant, expiry_month, id) WHERE state <> 'closed';

-- What an authorization has to know about a card; the columns mean what they mean there. Nobody writes
-- here but the triggers that follow. They put right what is wrong here, should it ever be: whatever
-- changes a card writes all of its standing.
CREATE TABLE card_standing (
    card INTEGER PRIMARY KEY,
    tenant INTEGER NOT NULL,
    product INTEGER NOT NULL,
    account INTEGER NOT NULL,
    state TEXT NOT NULL,
    state_since INTEGER,
    close_reason TEXT,
    blocked_since INTEGER,
    expiry_month INTEGER NOT NULL,
    no_pin_payment INTEGER
) STRICT;
INSERT INTO card_standing (card, tenant, product, account, state, state_since, close_reason,
        blocked_since, expiry_month, no_pin_payment)
    SELECT id, tenant, product, account, state, state_since, close_reason, blocked_since,
        expiry_month, no_pin_payment FROM card ORDER BY id;
CREATE TRIGGER card_standing_begins AFTER INSERT ON card BEGIN
    INSERT INTO card_standing (card, tenant, product, account, state, state_since, close_reason,
        blocked_since, expiry_month, no_pin_payment)
    VALUES (NEW.id, NEW.tenant, NEW.product, NEW.account, NEW.state, NEW.state_since,
        NEW.close_reason, NEW.blocked_since, NEW.expiry_month, NEW.no_pin_payment)
    ON CONFLICT (card) DO UPDATE SET tenant = excluded.tenant, product = excluded.product,
        account = excluded.account, state = excluded.state, state_since = excluded.state_since,
        close_reason = excluded.close_reason, blocked_since = excluded.blocked_since,
        expiry_month = excluded.expiry_month, no_pin_payment = excluded.no_pin_payment;
END;
CREATE TRIGGER card_standing_follows AFTER UPDATE ON card BEGIN
    DELETE FROM card_standing WHERE card = OLD.id AND OLD.id <> NEW.id;
    INSERT INTO card_standing (card, tenant, product, account, state, state_since, close_reason,
        blocked_since, expiry_month, no_pin_payment)
    VALUES (NEW.id, NEW.tenant, NEW.product, NEW.account, NEW.state, NEW.state_since,
        NEW.close_reason, NEW.blocked_since, NEW.expiry_month, NEW.no_pin_payment)
    ON CONFLICT (card) DO UPDATE SET tenant = excluded.tenant, product = excluded.product,
        account = excluded.account, state = excluded.state, state_since = excluded.state_since,
        close_reason = excluded.close_reason, blocked_since = excluded.blocked_since,
        expiry_month = excluded.expiry_month, no_pin_payment = excluded.no_pin_payment;
END;
CREATE TRIGGER card_standing_ends AFTER DELETE ON card BEGIN
    DELETE FROM card_standing WHERE card = OLD.id;
END;
