-- Orders on cards, their modes and their money.

-- Whether orders are carried out when they are placed, or so much later by the tenant's clock.
ALTER TABLE tenant ADD COLUMN order_mode TEXT NOT NULL DEFAULT 'immediate'
    CHECK (order_mode IN ('immediate', 'deferred'));
ALTER TABLE tenant ADD COLUMN order_delay_ms INTEGER NOT NULL DEFAULT 0 CHECK (order_delay_ms >= 0);

-- What gift cards look like. Like products, they belong to the environment.
CREATE TABLE card_design (
    id INTEGER PRIMARY KEY,
    product INTEGER NOT NULL REFERENCES product (id),
    name TEXT NOT NULL
) STRICT;
INSERT INTO card_design (id, product, name)
    SELECT column1, product.id, column2 FROM product
    JOIN (VALUES (211001, 'Plain'), (211002, 'Birthday'), (211003, 'Thank you'))
    WHERE product.id = 111004;

ALTER TABLE card ADD COLUMN no_pin_payment INTEGER CHECK (no_pin_payment >= 0);
ALTER TABLE card ADD COLUMN design INTEGER;

-- The other side of its money; what keeps the money together until a deferred order is done; how
-- it found and left the card; by which call it came; what it is to make of the card. The PIN it is
-- to set is kept as the same keyed value that cards have.
ALTER TABLE card_order ADD COLUMN account INTEGER;
ALTER TABLE card_order ADD COLUMN hold INTEGER;
ALTER TABLE card_order ADD COLUMN card_before TEXT;
ALTER TABLE card_order ADD COLUMN card_after TEXT;
ALTER TABLE card_order ADD COLUMN route TEXT NOT NULL DEFAULT 'current';
ALTER TABLE card_order ADD COLUMN wishes TEXT;
ALTER TABLE card_order ADD COLUMN pin_value BLOB;

-- The public key that a tenant's card data is encrypted to, where it registered one.
CREATE TABLE card_data_key (
    tenant INTEGER PRIMARY KEY REFERENCES tenant (id),
    public_key BLOB NOT NULL,
    bits INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
