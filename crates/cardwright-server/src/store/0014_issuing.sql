-- Step 14: records that the signed API adds.

-- Which card took another's place. A card is replaced once, and takes one card's place.
CREATE TABLE card_replacement (
    tenant INTEGER NOT NULL,
    card INTEGER NOT NULL,
    replacement INTEGER NOT NULL,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, card),
    UNIQUE (tenant, replacement),
    CHECK (card <> replacement),
    FOREIGN KEY (tenant, card) REFERENCES card (tenant, id),
    FOREIGN KEY (tenant, replacement) REFERENCES card (tenant, id)
) STRICT;

-- Lists of one kind of holder, and of the accounts of persons and corporates, in the order of their
-- recording.
CREATE INDEX holder_by_kind ON holder (tenant, kind, id);
CREATE INDEX account_of_customer ON account (tenant, id) WHERE kind = 'customer';
CREATE INDEX account_by_external_id ON account (tenant, external_id)
    WHERE external_id IS NOT NULL;
