import Idempotency
import MessagingLive
package import Postgres

/// The orders database, step by step. A step that has landed is never edited: a change is a new
/// step.
package enum OrderMigrations {
    /// Every migration, oldest first.
    package static let all = [
        Migration(version: 1, name: "orders", sql: orders),
        Migration(version: 2, name: "outbox", sql: PostgresOutbox.schema),
        Migration(version: 3, name: "parked_messages", sql: PostgresParking.schema),
        Migration(version: 4, name: "order_feed", sql: OrderFeedSchema.sql),
        Migration(version: 5, name: "idempotency_keys", sql: PostgresIdempotency.schema),
        Migration(version: 6, name: "order_pages", sql: OrderPageSchema.sql),
        Migration(version: 7, name: "pending_orders_wait", sql: PendingOrderSchema.sql),
        Migration(version: 8, name: "parked_excess", sql: PostgresParking.schemaOfExcess),
        Migration(
            version: 9, name: "parked_repeats", sql: PostgresParking.schemaOfRepeats),
        Migration(version: 10, name: "parked_actions", sql: PostgresParking.schemaOfActions),
        Migration(version: 11, name: "trace", sql: trace),
        Migration(
            version: 12, name: "pending_orders_for_users_alone",
            sql: PendingOrderSchema.indexForUsersAlone),
    ]

    /// The advisory lock that concurrent starters queue at: "KASSA" and the service's number.
    package static let lockKey: Int64 = 0x4B41_5353_4101

    /// Which processes had to do with an order, who sent its outcome and when, by the sender's own
    /// words, and how often it was announced, where that was more than once.
    private static let trace = """
        ALTER TABLE orders ADD COLUMN accepted_by text;
        ALTER TABLE order_history ADD COLUMN published_by text,
            ADD COLUMN published_at timestamptz, ADD COLUMN settled_by text,
            ADD COLUMN announcements integer;
        """

    /// An order's status is written twice in its life and never indexed, so that the second write
    /// stays on its page (a HOT update, for which the fill factor leaves room). Ids ascend with
    /// time: the primary key is also "newest first".
    private static let orders = """
        CREATE TABLE orders (
            order_id uuid PRIMARY KEY,
            user_id text COLLATE "C" NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 128),
            amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 999999999999),
            description text NOT NULL,
            status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'PAID', 'FAILED')),
            failure_reason text CHECK (failure_reason IS NULL OR status = 'FAILED'),
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            updated_at timestamptz NOT NULL DEFAULT statement_timestamp()
        ) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

        CREATE INDEX orders_by_user ON orders (user_id, order_id);

        -- The birth of an order is its created_at; every change after it is a row here.
        CREATE TABLE order_history (
            order_id uuid NOT NULL,
            status text NOT NULL CHECK (status IN ('PAID', 'FAILED')),
            reason text,
            changed_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            PRIMARY KEY (order_id, status)
        );
        """
}
