-- Which cards have not ended yet, by their last month: what is to end of its age is found without a
-- look at any other card.
CREATE INDEX card_by_expiry ON card (tenant, expiry_month, id) WHERE state <> 'closed';

-- What a card was doing when it ended: the one that takes its place begins likewise. Of cards that
-- ended before this was kept nobody knows.
ALTER TABLE card ADD COLUMN last_use TEXT CHECK (last_use IN ('at_work', 'at_rest'));

-- What a card pays without its PIN is part of what an authorization has to know about it.
DROP INDEX card_standing;
CREATE INDEX card_standing ON card (tenant, id, product, account, state, state_since, close_reason,
    blocked_since, expiry_month, no_pin_payment);

-- Cards with a PIN from their activation on have said 500 to their callers where nothing was set.
UPDATE card SET no_pin_payment = 50000
WHERE no_pin_payment IS NULL
AND product IN (SELECT id FROM product
    WHERE activation = 1 AND currency = 'USD' AND mode <> 'account_funded');
