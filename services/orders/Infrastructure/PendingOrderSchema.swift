/// The migration's step for announcing orders again.
enum PendingOrderSchema {
    /// No index leads to the orders that are due: a sweep reads the table, a bounded piece at a
    /// time, and placing an order pays no third entry.
    static let sql = """
        -- An order waits its turn from this moment on; in the future where it is to wait longer.
        ALTER TABLE pending_orders
            ADD COLUMN waits_from timestamptz NOT NULL DEFAULT statement_timestamp(),
            ADD COLUMN announcements integer NOT NULL DEFAULT 1;
        """
}
