/// The migration's step for lists by user and status, and for counts.
enum OrderPageSchema {
    /// An index that named the status of `orders` would cost every settling its HOT update, so the
    /// lists by status lead over tables whose rows are written once: an order is in
    /// `pending_orders` or in `order_history`, in every snapshot in one of them.
    ///
    /// An order pays for it with a row of `pending_orders` and its two index entries, gone again
    /// when it settles, and with one entry of `order_history_by_user`, for which
    /// `orders_by_user` went. The counts cost each batch, not each order, one row's update.
    ///
    /// `created_at` becomes what the id says, so that the primary key is in the order of both.
    static let sql = """
        CREATE TABLE pending_orders (
            order_id uuid PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL
        ) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
        CREATE INDEX pending_orders_by_user ON pending_orders (user_id, order_id);
        INSERT INTO pending_orders SELECT order_id, user_id FROM orders WHERE status = 'PENDING';

        ALTER TABLE order_history ADD COLUMN user_id text COLLATE "C";
        UPDATE order_history SET user_id = orders.user_id
            FROM orders WHERE orders.order_id = order_history.order_id;
        ALTER TABLE order_history ALTER COLUMN user_id SET NOT NULL,
            DROP CONSTRAINT order_history_pkey, ADD PRIMARY KEY (status, order_id);
        CREATE INDEX order_history_by_user ON order_history (user_id, status, order_id);
        DROP INDEX orders_by_user;

        UPDATE orders SET created_at = timestamptz 'epoch' + interval '1 millisecond'
                * ('x' || left(translate(order_id::text, '-', ''), 12))::bit(48)::bigint
            WHERE substr(order_id::text, 15, 1) = '7';

        -- One row of sixteen is updated by each batch, the one of its connection: batches that
        -- commit at the same time rarely wait for each other. numeric, because a sum of amounts can
        -- be more than a bigint holds; the fill factor keeps the updates on their page.
        CREATE TABLE order_counts (
            shard integer PRIMARY KEY CHECK (shard BETWEEN 0 AND 15),
            placed bigint NOT NULL DEFAULT 0,
            placed_amount numeric NOT NULL DEFAULT 0,
            paid bigint NOT NULL DEFAULT 0,
            paid_amount numeric NOT NULL DEFAULT 0,
            failed bigint NOT NULL DEFAULT 0,
            failed_amount numeric NOT NULL DEFAULT 0
        ) WITH (fillfactor = 20);
        INSERT INTO order_counts (shard) SELECT generate_series(1, 15);
        INSERT INTO order_counts
            SELECT 0, count(*), coalesce(sum(amount), 0),
                count(*) FILTER (WHERE status = 'PAID'),
                coalesce(sum(amount) FILTER (WHERE status = 'PAID'), 0),
                count(*) FILTER (WHERE status = 'FAILED'),
                coalesce(sum(amount) FILTER (WHERE status = 'FAILED'), 0)
            FROM orders;
        """
}
