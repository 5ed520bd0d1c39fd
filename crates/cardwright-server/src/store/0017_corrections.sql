-- Corrections of what earlier steps left open.

-- What the caller's own id of a holder is. Ids of one API and numbers of another's orders were
-- compared with each other, as if one could stand for the other.
ALTER TABLE holder ADD COLUMN external_space TEXT NOT NULL DEFAULT 'external_id'
    CHECK (external_space IN ('external_id', 'order_number'));
-- Only holders that came by an order have a residence beside their address.
UPDATE holder SET external_space = 'order_number' WHERE profile LIKE '%"residence":%';

-- Which tables and columns a saved state has. It can be put back as long as they are still the same,
-- whatever came beside them.
ALTER TABLE snapshot ADD COLUMN form TEXT;

-- The block that a deposit is in.
ALTER TABLE deposit ADD COLUMN block_number INTEGER;
ALTER TABLE deposit ADD COLUMN block_hash TEXT;
ALTER TABLE deposit ADD COLUMN block_at INTEGER;

-- Files are listed by a number of ours, not by the random id that their callers know.
ALTER TABLE holder_file ADD COLUMN id INTEGER NOT NULL DEFAULT 0;
UPDATE holder_file SET id = rowid;
CREATE UNIQUE INDEX holder_file_by_id ON holder_file (tenant, id);

-- A design that is withdrawn stays with the cards that have it.
ALTER TABLE card_design ADD COLUMN withdrawn_at INTEGER;
