-- What operators administer.
ALTER TABLE tenant ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
-- The canonical form of credentials that are made from now on.
ALTER TABLE tenant ADD COLUMN canonical_form TEXT NOT NULL DEFAULT 'default';

-- A rotated credential works on until then, in real time.
ALTER TABLE credential ADD COLUMN expires_at INTEGER;
