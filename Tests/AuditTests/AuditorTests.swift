import Audit
import JSON
import SharedKernel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct AuditorTests {
    private let shop = PaperShop()
    private let source = UUIDv7Source()

    private func audit(
        _ scope: Auditor.Scope = .everything, atRest: Bool = false,
        _ found: (AuditFinding) -> Void = { _ in }
    ) async throws -> AuditReport {
        // All ids of this test are older than this.
        let start = Timestamp(microseconds: Timestamp.now.microseconds + 60_000_000)
        return try await Auditor(pageLimit: 3, expectsRest: atRest) { [shop] in shop.answer($0) }
            .audit(scope, start: start, found: found)
    }

    @discardableResult
    private func add(_ status: String?, paid: Bool?) -> OrderID {
        let id = source.nextOrderID()
        shop.books.withLock { books in
            books.orders[id] = status
            books.charges[id] = paid
        }
        return id
    }

    @Test func `an empty shop's books balance`() async throws {
        let report = try await audit()
        #expect(report.balances && report.orders == 0 && report.accounts == 0)
    }

    @Test func `pages of both are merged to the end, and sums are told`() async throws {
        for number in 0..<20 {
            switch number % 4 {
            case 0: add("PENDING", paid: nil)
            case 1: add("FAILED", paid: false)
            case 2: add("PAID", paid: true)
            default: add("PENDING", paid: true)
            }
        }
        let report = try await audit()
        #expect(report.balances, "\(report.findings)")
        #expect(report.orders == 20)
        #expect(report.inFlight == 10)
        #expect(report.paid.description == "12.50")
        let strict = try await audit(atRest: true)
        #expect(strict.wrong == 10 && strict.findings.allSatisfy { $0.invariant == .nothingIsLost })
    }

    @Test func `everything that is wrong is named, and nothing else`() async throws {
        var wrong: [OrderID] = []
        for number in 0..<40 {
            add("PAID", paid: true)
            switch number % 10 {
            case 0: wrong.append(add("PAID", paid: nil))
            case 3: wrong.append(add("FAILED", paid: true))
            case 5: wrong.append(add("PAID", paid: false))
            case 8: wrong.append(add(nil, paid: true))
            default: break
            }
        }
        var told: [String] = []
        let report = try await audit { told.append($0.subject) }
        #expect(!report.balances)
        #expect(report.wrong == wrong.count)
        #expect(told.sorted() == wrong.map(\.description).sorted())
        #expect(report.findings.map(\.subject) == told)
    }

    @Test func `a charge under an id that Kassa never made is found too`() async throws {
        let random = try #require(OrderID("f47ac10b-58cc-4372-a567-0e02b2c3d479"))
        let future = OrderID(
            notBefore: Timestamp(microseconds: Timestamp.now.microseconds + 100 * 86_400_000_000))
        add("PAID", paid: true)
        shop.books.withLock { books in
            books.charges[random] = true
            books.charges[future] = true
        }
        let report = try await audit()
        #expect(
            report.findings.map(\.subject).sorted() == [random, future].map(\.description).sorted())
    }

    @Test func `what was merely late is no finding`() async throws {
        // While the audit reads one service's page, the other's is old already: each order is
        // charged and ends between the two.
        let ids = (0..<12).map { _ in source.nextOrderID() }
        let calls = Atomic(0)
        shop.books.withLock { books in
            for id in ids { books.orders[id] = "PENDING" }
            books.between = { books in
                let call = calls.wrappingAdd(1, ordering: .relaxed).oldValue
                guard call < ids.count else { return }
                books.charges[ids[call]] = call % 2 == 0
                books.orders[ids[call]] = call % 2 == 0 ? "PAID" : "FAILED"
            }
        }
        let report = try await audit()
        #expect(report.balances, "\(report.findings)")
    }

    @Test func `orders that are accepted after the start are left out`() async throws {
        add("PAID", paid: true)
        let start = Timestamp(microseconds: Timestamp.now.microseconds - 3_600_000_000)
        let report = try await Auditor { [shop] in shop.answer($0) }.audit(start: start)
        #expect(report.orders == 0)
    }

    @Test func `a look at the latest orders reads no page beyond them, and no accounts`()
        async throws
    {
        for _ in 0..<20 { add("PAID", paid: true) }
        let since = add("PAID", paid: nil)
        add("PAID", paid: true)
        let report = try await audit(.orders(since: since))
        #expect(report.orders == 2 && report.wrong == 1)
        let targets = shop.books.withLock(\.targets)
        #expect(targets.count { $0.contains("limit=3") } == 2, "\(targets)")
        #expect(!targets.contains { $0.hasPrefix("/audit/accounts") })
    }

    @Test func `balances are held against movements that come in pieces`() async throws {
        shop.books.withLock { books in
            for number in 1...10 as ClosedRange<Int64> {
                books.movements[number] = [100, 200, -50, 300, -20, 7]
                books.balances[number] = 537
            }
            books.balances[4] = 538
            books.movements[7] = nil
            books.balances[7] = 0
            books.balances[9] = -1
            // Nobody has these accounts: one in between, one behind them all.
            books.balances[5] = nil
            books.movements[12] = [5, 5]
        }
        let report = try await audit()
        #expect(report.accounts == 9)
        #expect(
            report.findings.map(\.subject)
                == ["user4", "account number 5", "user9", "account number 12"])
        #expect(report.findings.map(\.invariant.rawValue) == ["I1", "I1", "I5", "I1"])
        #expect(report.deposited.description == "48.56", "8 of 607 cents")
    }

    @Test func `a balance that was merely late is no finding`() async throws {
        let calls = Atomic(0)
        shop.books.withLock { books in
            books.movements[1] = [100, 0]
            books.balances[1] = 150
            books.between = { books in
                // The movement that was missing is there at the second look.
                if calls.wrappingAdd(1, ordering: .relaxed).oldValue == 5 {
                    books.movements[1] = [100, 50, 0]
                }
            }
        }
        let report = try await audit()
        #expect(report.balances, "\(report.findings)")
        #expect(report.accounts == 1)
    }

    @Test func `a service that shows nonsense ends the audit`() async {
        await #expect(throws: UnreadableAnswer.self) {
            try await Auditor { _ in ["detail": "no"] }.audit()
        }
        await #expect(throws: UnreadableAnswer.self) {
            try await Auditor { _ in ["orders": [["order_id": "7"]], "charges": []] }.audit()
        }
    }
}
