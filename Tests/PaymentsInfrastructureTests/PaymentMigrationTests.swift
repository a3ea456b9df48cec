import PaymentsInfrastructure
import TestSchema
import Testing

@Suite struct PaymentMigrationTests {
    /// Each version works on the next one's schema, so a migration only adds. The excuses are for
    /// migrations that landed before this test; who adds one says why the older program bears it.
    @Test func `the older program bears every migration of Payments`() async throws {
        let findings = try await SchemaHistory.findings(of: PaymentMigrations.all)
        #expect(findings == SchemaHistory.excused(excess: 7, repeats: 8, actions: 9))
    }
}
