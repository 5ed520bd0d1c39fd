-- Holds: money set aside until it is posted or given free.

-- The tenant's own books exist once per currency, the new ones too.
DROP INDEX account_book;
CREATE UNIQUE INDEX account_book ON account (tenant, kind, currency)
    WHERE kind IN ('wallet', 'fees_income', 'external_funding', 'network_settlement',
        'crypto_clearing', 'loss');
