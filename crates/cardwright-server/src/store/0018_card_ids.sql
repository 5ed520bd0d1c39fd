-- A caller's own id of a card is looked for when another card is to have it.
CREATE INDEX card_by_external_id ON card (tenant, external_id) WHERE external_id IS NOT NULL;
