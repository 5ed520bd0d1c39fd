-- Which cards have not ended yet, by their last month: what is to end of its age is found without a
-- look at any other card.
CREATE INDEX card_by_expiry ON card (tenant, expiry_month, id) WHERE state <> 'closed';
