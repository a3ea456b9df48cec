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

    /// A second index that holds the ids looks as good a way to an order as the primary key, while
    /// a plan is made over an empty table: the planner took it, and each settling read all of it
    /// for each of its orders. No row is outside the condition, and only who asks for a user meets
    /// it.
    static let indexForUsersAlone = """
        DROP INDEX pending_orders_by_user;
        CREATE INDEX pending_orders_by_user ON pending_orders (user_id, order_id)
            WHERE user_id IS NOT NULL;
        """
}
