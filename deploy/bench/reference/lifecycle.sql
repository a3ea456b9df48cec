-- What one order needs of a database, one statement and one commit each: order and outbox, the outbox emptied, inbox
-- and debit and outbox, that outbox emptied, the order settled. No HTTP, no broker, no reading of JSON.
\set user random(1, 1000)
\set order random(1, 9000000000000000000)
WITH placed AS (
    INSERT INTO orders (id, user_id, amount, description)
    VALUES (md5((:order)::bigint::text)::uuid, 'user-' || (:user)::int, 125, 'bench')
    RETURNING id, user_id, amount
)
INSERT INTO outbox (message_id, type, body)
SELECT id, 'order_created', jsonb_build_object('order_id', id, 'user_id', user_id, 'amount', amount) FROM placed;
DELETE FROM outbox WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED);
WITH received AS (
    INSERT INTO inbox (message_id) VALUES (md5((:order)::bigint::text)::uuid)
    ON CONFLICT DO NOTHING RETURNING message_id
), charged AS (
    UPDATE accounts SET balance = balance - 125
    WHERE user_id = 'user-' || (:user)::int AND EXISTS (SELECT FROM received)
    RETURNING user_id
)
INSERT INTO payment_outbox (message_id, type, body)
SELECT md5((:order)::bigint::text)::uuid, 'payment_success', jsonb_build_object('user_id', user_id) FROM charged;
DELETE FROM payment_outbox
WHERE position IN (SELECT position FROM payment_outbox ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED);
UPDATE orders SET status = 'PAID', updated_at = now()
WHERE id = md5((:order)::bigint::text)::uuid AND status = 'PENDING';
