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

    /// Puts settled orders into the table, until it holds about as many as asked for.
    func fill(orders count: Int) async throws {
        note("  filling the table with \(count) orders")
        try await psql(
            database: "orders",
            """
            INSERT INTO orders (id, user_id, amount, description, status, created_at, updated_at)
            SELECT gen_random_uuid(), 'load-' || n % 1000, 125, 'bench', 'PAID', moment, moment
            FROM generate_series(1, \(count)) n,
                LATERAL (SELECT now() - n * interval '1 millisecond' AS moment) AS age;
            """)
        try await psql(database: "orders", "VACUUM ANALYZE orders")
    }
}
