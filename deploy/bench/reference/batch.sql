-- Accepting 64 orders in one statement and one commit: what sharing a commit can bring at most.
WITH placed AS (
    INSERT INTO orders (id, user_id, amount, description)
    SELECT gen_random_uuid(), 'user-' || (n * 7 % 1000 + 1), 125, 'bench' FROM generate_series(1, 64) n
    RETURNING id, user_id, amount
)
INSERT INTO outbox (message_id, type, body)
SELECT id, 'order_created', jsonb_build_object('order_id', id, 'user_id', user_id, 'amount', amount) FROM placed;
