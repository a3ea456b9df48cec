-- Accepting one order: the order and its outbox row, in one statement and one commit.
\set user random(1, 1000)
WITH placed AS (
    INSERT INTO orders (id, user_id, amount, description)
    VALUES (gen_random_uuid(), 'user-' || :user, 125, 'bench') RETURNING id, user_id, amount
)
INSERT INTO outbox (message_id, type, body)
SELECT id, 'order_created', jsonb_build_object('order_id', id, 'user_id', user_id, 'amount', amount) FROM placed;
