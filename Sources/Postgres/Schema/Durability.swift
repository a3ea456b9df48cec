extension PostgresPool {
    /// Throws `.notDurable` when the server is set up to lose what it has committed: a
    /// payment that was answered must survive the machine.
    package func requireDurability() async throws {
        let rows = try await execute(
            Statement(
                """
                SELECT string_agg(name, ', ' ORDER BY name) FROM pg_settings
                WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')
                  AND setting = 'off'
                """), retry: .idempotent)
        guard let switchedOff = try rows.first?.textOrNil(0) else { return }
        throw PostgresError(.notDurable, "the server runs with \(switchedOff) off")
    }
}
