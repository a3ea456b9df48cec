-- The tables that an order passes through, as small as they can be and still promise what Kassa promises: fresh ones
-- for every round, so that no round pays for the last one's dead rows.
DROP TABLE IF EXISTS orders, outbox, inbox, accounts, payment_outbox;
CREATE TABLE orders (
    id uuid PRIMARY KEY,
    user_id text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    description text NOT NULL,
    status text NOT NULL DEFAULT 'PENDING',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,
    type text NOT NULL,
    body jsonb NOT NULL
);
CREATE TABLE payment_outbox (LIKE outbox INCLUDING ALL);
CREATE TABLE inbox (
    message_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE accounts (
    user_id text PRIMARY KEY,
    balance bigint NOT NULL CHECK (balance >= 0)
);
INSERT INTO accounts SELECT 'user-' || n, 1000000000000 FROM generate_series(1, 1000) n;
VACUUM ANALYZE;
