import Foundation

extension BenchShop {
    /// What is needed to read the figures.
    func machine() async -> [(name: String, value: String)] {
        let processor =
            (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        let kernel = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        let settings = try? await psql(
            """
            SELECT version() || '; fsync ' || current_setting('fsync') || ', synchronous_commit '
                || current_setting('synchronous_commit')
            """)
        let facts: [(String, String?)] = [
            ("when", Date.now.formatted(.iso8601)),
            ("processor", processor),
            ("cores", "\(ProcessInfo.processInfo.activeProcessorCount)"),
            ("kernel", kernel?.trimmingCharacters(in: .whitespacesAndNewlines)),
            ("postgres", settings?.trimmingCharacters(in: .whitespacesAndNewlines)),
        ]
        return facts.map { (name: $0, value: $1 ?? "unknown") }
    }

    /// Puts a past behind both services: orders that were paid, one a millisecond until a day ago,
    /// with all the rows that each of them leaves.
    func fill(orders count: Int) async throws {
        let first = Int64(Date.now.timeIntervalSince1970 * 1_000) - 86_400_000 - Int64(count)
        let moment = "timestamptz 'epoch' + (\(first) + n) * interval '1 millisecond'"
        let id = """
            (lpad(to_hex(\(first) + n), 12, '0') || '7000a000' || left(md5(n::text), 12))::uuid
            """
        let piece = 250_000
        for start in stride(from: 0, to: count, by: piece) {
            note("  filling the tables: \(start) of \(count) orders")
            let rows = "generate_series(\(start), \(min(start + piece, count) - 1)) AS n"
            async let orders = psql(
                database: "orders",
                """
                INSERT INTO orders
                    (order_id, user_id, amount, description, status, created_at, updated_at)
                SELECT \(id), 'past-' || n % 100000, 125, 'bench', 'PAID', \(moment), \(moment)
                FROM \(rows);
                INSERT INTO order_history (order_id, user_id, status, changed_at)
                SELECT \(id), 'past-' || n % 100000, 'PAID', \(moment) FROM \(rows);
                """)
            async let payments = psql(
                database: "payments",
                """
                INSERT INTO inbox (message_id, received_at) SELECT \(id), \(moment) FROM \(rows);
                INSERT INTO outcomes (order_id, user_id, amount, is_paid, message_id, decided_at)
                SELECT \(id), 'past-' || n % 100000, 125, true, \(id), \(moment) FROM \(rows);
                INSERT INTO transfers (transfer_id, debit_account, credit_account, amount, order_id,
                    created_at)
                SELECT \(id), n % 100000 + 1, -1, 125, \(id), \(moment) FROM \(rows);
                """)
            _ = try await (orders, payments)
        }
        note("  \(count) orders are there; vacuuming")
        for (database, tables) in [
            ("orders", ["orders", "order_history"]),
            ("payments", ["inbox", "outcomes", "transfers"]),
        ] {
            for table in tables { try await psql(database: database, "VACUUM ANALYZE \(table)") }
        }
        // What was filled in is on the disk before anything is measured.
        try await psql("CHECKPOINT")
    }
}
