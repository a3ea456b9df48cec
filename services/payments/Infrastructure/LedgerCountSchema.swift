/// The migration's step for counts of accounts and movements.
enum LedgerCountSchema {
    /// As in Orders: one row of sixteen is updated with each batch, the one of its connection.
    static let sql = """
        CREATE TABLE ledger_counts (
            shard integer PRIMARY KEY CHECK (shard BETWEEN 0 AND 15),
            accounts bigint NOT NULL DEFAULT 0,
            deposits bigint NOT NULL DEFAULT 0,
            deposited numeric NOT NULL DEFAULT 0,
            charges bigint NOT NULL DEFAULT 0,
            charged numeric NOT NULL DEFAULT 0
        ) WITH (fillfactor = 20);
        INSERT INTO ledger_counts (shard) SELECT generate_series(1, 15);
        INSERT INTO ledger_counts
            SELECT 0, (SELECT count(*) FROM accounts),
                count(*) FILTER (WHERE order_id IS NULL),
                coalesce(sum(amount) FILTER (WHERE order_id IS NULL), 0),
                count(order_id),
                coalesce(sum(amount) FILTER (WHERE order_id IS NOT NULL), 0)
            FROM transfers;
        """
}
