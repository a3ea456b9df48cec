/// The migration's step for the feed of changes.
enum OrderFeedSchema {
    /// A change is known by its transaction, so neither column is ever written again and the
    /// settling of an order stays a HOT update. The price of an order is two index entries, both at
    /// the right edge; a transaction's rows share a key, which PostgreSQL stores once. Orders from
    /// before have this step's own transaction: adding the columns rewrites nothing.
    static let sql = """
        ALTER TABLE orders ADD COLUMN created_in xid8 NOT NULL DEFAULT pg_current_xact_id();
        ALTER TABLE order_history ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
        CREATE INDEX orders_by_transaction ON orders (created_in);
        CREATE INDEX order_history_by_transaction ON order_history (changed_in);
        """
}
