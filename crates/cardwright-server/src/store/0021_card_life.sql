-- Which cards have not ended yet, by their last month: what is to end of its age is found without a
-- look at any other card.
CREATE INDEX card_by_expiry ON card (tenant, expiry_month, id) WHERE state <> 'closed';

-- What a card was doing when it ended: the one that takes its place begins likewise. Of cards that
-- ended before this was kept nobody knows.
ALTER TABLE card ADD COLUMN last_use TEXT CHECK (last_use IN ('at_work', 'at_rest'));
