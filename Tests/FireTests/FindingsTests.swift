import Testing

@testable import Fire

/// A check that cannot fail proves nothing: each promise is broken once here, by hand.
@Suite struct FindingsTests {
    private var record = ClientRecord.State()
    private var stored = Stored()

    /// Alice paid in 10.00; her order of 4.00 is paid, her order of 9.00 is not.
    init() {
        let intents = [
            Intent(number: 1, work: .deposit, user: "alice", cents: 1_000),
            Intent(number: 2, work: .order, user: "alice", cents: 400),
            Intent(number: 3, work: .orderByRPC, user: "alice", cents: 900),
        ]
        for intent in intents { record.intents[intent.number] = intent }
        record.acknowledged = [1: "", 2: "a", 3: "b"]
        stored.orders = [
            "a": Stored.Order(user: "alice", cents: 400, status: "PAID", mark: "fire 2"),
            "b": Stored.Order(user: "alice", cents: 900, status: "FAILED", mark: "fire 3"),
        ]
        stored.ends = ["a": 1, "b": 1]
        stored.charges = ["a": [Stored.Charge(user: "alice", cents: 400)]]
        stored.deposits = ["alice": [1_000]]
        stored.balances = ["alice": 600]
        record.contrary = [
            "lie a": ClientRecord.Contrary(order: "a", end: "PAID"),
            "lie b": ClientRecord.Contrary(order: "b", end: "FAILED"),
        ]
        record.planted = ["lie a", "lie b"]
        stored.parked = [
            ("payment_failed", "lie a", "contradiction: order is PAID already"),
            ("payment_success", "lie b", "contradiction: order is FAILED already"),
        ]
    }

    private func findings() -> Findings { Findings(record, stored) }

    @Test func `books that agree have no findings`() {
        #expect(findings().areNone)
    }

    @Test mutating func `an acknowledged order that is not there is lost`() {
        stored.orders["b"] = nil
        #expect(findings().lost.count == 1)
    }

    @Test mutating func `an order without an end is lost`() {
        stored.orders["b"]?.status = "PENDING"
        #expect(findings().lost == ["order b has no end"])
    }

    @Test mutating func `an intent that became two orders is duplicated`() {
        stored.orders["c"] = stored.orders["b"]
        stored.ends["c"] = 1
        #expect(findings().duplicated.count == 1)
    }

    @Test mutating func `an order that is charged twice is duplicated, and the money is wrong`() {
        stored.charges["a"] = [
            Stored.Charge(user: "alice", cents: 400), Stored.Charge(user: "alice", cents: 400),
        ]
        stored.balances["alice"] = 200
        #expect(findings().duplicated.count == 1)
        #expect(findings().moneyError == 400)
    }

    @Test mutating func `two ends of an order are duplicated`() {
        stored.ends["a"] = 2
        #expect(findings().duplicated == ["order a has 2 ends"])
    }

    @Test mutating func `a charge without a paid order is unexpected, and the reverse`() {
        stored.orders["a"]?.status = "FAILED"
        #expect(findings().unexpected.contains("order a is charged and not PAID"))
        stored.orders["a"]?.status = "PAID"
        stored.charges = [:]
        #expect(findings().unexpected == ["order a is PAID and not charged"])
    }

    @Test mutating func `a deposit that was made twice is duplicated`() {
        stored.deposits = ["alice": [1_000, 1_000]]
        stored.balances["alice"] = 1_600
        #expect(findings().duplicated.count == 1)
        #expect(findings().moneyError == 1_000)
    }

    @Test mutating func `a deposit that is not there is lost`() {
        stored.deposits = [:]
        #expect(findings().lost == ["a deposit of 1000 cents for alice"])
    }

    @Test mutating func `a deposit of another amount is lost and unexpected money`() {
        stored.deposits = ["alice": [999]]
        stored.balances["alice"] = 599
        #expect(findings().lost.count == 1 && findings().duplicated.count == 1)
        #expect(findings().moneyError == 1)
    }

    @Test mutating func `an order that nobody asked for is unexpected`() {
        stored.orders["z"] = Stored.Order(user: "eve", cents: 1, status: "FAILED", mark: "?")
        stored.ends["z"] = 1
        #expect(findings().unexpected == ["order z: nobody asked for it"])
    }

    @Test mutating func `an order of another amount than was asked for is unexpected`() {
        record.intents[3] = Intent(number: 3, work: .order, user: "alice", cents: 901)
        #expect(findings().unexpected.count == 1)
    }

    @Test mutating func `a request that was never answered is unexpected`() {
        record.acknowledged[3] = nil
        #expect(findings().unexpected == ["fire-3 was never answered"])
    }

    @Test mutating func `what is parked must have been planted, and is parked once`() {
        record.planted.insert("p")
        stored.parked.append(("orders", "p", "poison"))
        #expect(findings().areNone)
        stored.parked.append(("orders", "p", "poison"))
        #expect(findings().duplicated == ["message p is parked 2 times"])
        stored.parked.removeLast(2)
        stored.parked.append(("orders", "q", "contradiction"))
        #expect(findings().unexpected == ["parked: orders q contradiction"])
    }

    @Test mutating func `a contrary outcome that was believed is unexpected`() {
        stored.orders["b"]?.status = "PAID"
        stored.charges["b"] = [Stored.Charge(user: "alice", cents: 900)]
        stored.balances["alice"] = -300
        #expect(findings().unexpected.contains("order b was FAILED, and PAID after a lie"))
    }

    @Test mutating func `a contrary outcome that nobody parked, or not as one, is unexpected`() {
        stored.parked[0].reason = "order not found"
        stored.parked.remove(at: 1)
        #expect(
            findings().unexpected.sorted() == [
                "a contrary outcome of order a is parked as 'order not found'",
                "a contrary outcome of order b is not parked",
            ])
    }

    @Test mutating func `a run that tried no contrary outcome of a kind has not proved it`() {
        record.contrary["lie b"] = nil
        #expect(findings().unexpected == ["nobody said the contrary of an order that is FAILED"])
    }

    // MARK: The verdict.

    private func report(auditIsClean: Bool = true) -> Report {
        Report(
            seed: 7, elapsed: .seconds(1), faults: [:], skipped: [], recoveries: [],
            record: record, stored: stored, findings: findings(),
            audit: (auditIsClean, "  what it said"))
    }

    @Test func `books that agree are green`() {
        #expect(report().exitCode == 0)
        #expect(report().text.hasSuffix("VERDICT: every promise was kept."))
    }

    @Test mutating func `one forged row is red, and is named`() {
        stored.charges["a"] = nil
        #expect(report().exitCode == 1)
        #expect(report().text.contains("  unexpected: order a is PAID and not charged"))
        #expect(
            report().text.hasSuffix("VERDICT: BROKEN. Repeat the schedule with SEED=7."))
    }

    @Test func `books that the audit finds wrong are red`() {
        #expect(report(auditIsClean: false).exitCode == 1)
        #expect(report(auditIsClean: false).text.contains("VERDICT: BROKEN"))
    }

    @Test mutating func `a message that still waits is unexpected`() {
        stored.waiting = 1
        #expect(!findings().areNone)
    }
}
