-- Numbers that callers follow, and words that they look for.

-- What a fee was for is named by its record id, which is its number here; authorizations were named
-- by the number that the network knows.
UPDATE card_fee SET origin = (
    SELECT CAST(asked.id AS TEXT) FROM card_authorization AS asked
    WHERE asked.number = CAST(card_fee.origin AS INTEGER) AND asked.tenant = card_fee.tenant
) WHERE EXISTS (
    SELECT 1 FROM card_authorization AS asked
    WHERE asked.number = CAST(card_fee.origin AS INTEGER) AND asked.tenant = card_fee.tenant
);

-- The journal's entry by which a fee of a card was paid, so that it can be read with the fee's number.
ALTER TABLE card_fee ADD COLUMN entry INTEGER;
CREATE UNIQUE INDEX card_fee_by_entry ON card_fee (tenant, entry) WHERE entry IS NOT NULL;

-- Failed logins of a user from everywhere, minute by minute, so that the window slides: the minute
-- that began at `window_start` first, then those before it. What was counted otherwise is forgotten.
ALTER TABLE login_pressure ADD COLUMN by_minute TEXT NOT NULL DEFAULT '';
