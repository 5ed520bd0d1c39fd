-- What an authorization has to know about a card, for cards by the million: whole cards are too wide
-- to be at hand, so that most of them would be fetched from the disk.
CREATE INDEX card_standing ON card (tenant, id, product, account, state, state_since, close_reason,
    blocked_since, expiry_month);
