import Messaging
import PaymentsApplication
import PaymentsDomain
import SharedKernel
import TestDoubles

/// The accounts as one process sees them: the double that the conformance tests hold against
/// PostgreSQL, behind a way on which calls and answers get lost.
struct SimulatedAccounts: AccountRepository {
    let database: SimulatedDatabase
    let stored: InMemoryAccountRepository
    let auditor: Auditor
    let outboxFilled: WakeSignal

    func open(
        _ userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        try await database.call(repeating: claim != nil) {
            try await stored.open(userID, claim: claim)
        }
    }

    func deposit(
        _ amount: Amount, to userID: UserID, claim: IdempotencyClaim?
    ) async throws -> Idempotent<Account?> {
        try await database.call(repeating: claim != nil) { [self] in
            let account = try await stored.deposit(amount, to: userID, claim: claim)
            auditor.accountsChanged([userID])
            return account
        }
    }

    func charge(
        _ requests: [ChargeRequest],
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> [ChargeBook.Entry] {
        let entries = try await database.call(repeating: true) { [self] in
            let entries = try await stored.charge(requests, decide)
            database.world.trace.note(
                database.world, database.name, "charged", requests.count,
                order: requests.first?.order.orderID)
            auditor.accountsChanged(requests.map(\.order.userID))
            return entries
        }
        outboxFilled.ring()
        return entries
    }

    func rehearse(
        _ request: ChargeRequest,
        _ decide: @escaping @Sendable (OrderCreated, inout ChargeBook) -> ChargeBook.Entry
    ) async throws -> ChargeRehearsal {
        try await database.call(repeating: true) { try await stored.rehearse(request, decide) }
    }

    func find(_ userID: UserID) async throws -> Account? {
        try await database.call(repeating: true) { try await stored.find(userID) }
    }

    func list(_ page: PageRequest) async throws -> [Account] {
        try await database.call(repeating: true) { try await stored.list(page) }
    }

    func transfers(of userID: UserID, _ page: PageRequest) async throws -> [Transfer]? {
        try await database.call(repeating: true) { try await stored.transfers(of: userID, page) }
    }

    func summary() async throws -> LedgerSummary {
        try await database.call(repeating: true) { try await stored.summary() }
    }
}
