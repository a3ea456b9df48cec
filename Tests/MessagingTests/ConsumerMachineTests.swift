import Messaging
import TestDoubles
import Testing

struct ConsumerMachineTests {
    @Test func `a batch is handled as one, then acknowledged`() {
        var machine = ConsumerMachine(faults: [nil, nil, nil])
        #expect(machine.action == .handle([0, 1, 2]))
        machine.handled([.handled, .handled, .handled])
        #expect(machine.action == .acknowledge)
    }

    @Test func `what cannot be read is parked, the rest is handled without it`() {
        var machine = ConsumerMachine(faults: [nil, "no JSON", nil])
        #expect(machine.action == .handle([0, 2]))
        machine.handled([.handled, .handled])
        #expect(machine.action == .park([.init(position: 1, reason: "no JSON")]))
        machine.parked()
        #expect(machine.action == .acknowledge)
    }

    @Test func `nothing but poison is parked without handling`() {
        let machine = ConsumerMachine(faults: ["a", "b"])
        #expect(
            machine.action
                == .park([.init(position: 0, reason: "a"), .init(position: 1, reason: "b")]))
    }

    @Test func `a verdict may park a message after the fact`() {
        var machine = ConsumerMachine(faults: [nil, nil])
        machine.handled([.handled, .park(reason: "contradiction")])
        #expect(machine.action == .park([.init(position: 1, reason: "contradiction")]))
    }

    @Test func `a fault that may pass rests with everything held, then tries the same again`() {
        var machine = ConsumerMachine(faults: [nil, nil])
        machine.failedForNow()
        guard case .rest(let first) = machine.action else {
            Issue.record("no rest but \(machine.action)")
            return
        }
        #expect(first <= .milliseconds(100))
        machine.rested()
        #expect(machine.action == .handle([0, 1]))
    }

    @Test func `a batch that fails again and again is taken one by one, the stuck one last`() throws
    {
        var machine = ConsumerMachine(faults: [nil, nil, nil])
        for _ in 0..<3 {
            try #require(machine.action == .handle([0, 1, 2]))
            machine.failedForNow()
            machine.rested()
        }
        try #require(machine.action == .handle([0]))
        machine.failedForNow()
        machine.rested()
        try #require(machine.action == .handle([1]))
        machine.handled([.handled])
        try #require(machine.action == .handle([2]))
        machine.handled([.handled])
        try #require(machine.action == .handle([0]))
        machine.handled([.handled])
        #expect(machine.action == .acknowledge)
    }

    @Test func `rests never grow beyond five seconds`() {
        var machine = ConsumerMachine(faults: [nil])
        for _ in 0..<10_000 {
            machine.failedForNow()
            if case .rest(let rest) = machine.action { #expect(rest <= .seconds(5)) }
            machine.rested()
        }
    }

    @Test func `a batch that fails for good is taken one by one, and holds up no other`() throws {
        var machine = ConsumerMachine(faults: [nil, nil, nil])
        machine.failedForGood(reason: "unknown")
        try #require(machine.action == .handle([0]))
        machine.handled([.handled])
        try #require(machine.action == .handle([1]))
        machine.failedForGood(reason: "number too great")
        try #require(machine.action == .handle([2]))
        machine.handled([.handled])
        #expect(machine.action == .park([.init(position: 1, reason: "number too great")]))
    }

    @Test func `parking that fails is tried again, for the messages are kept nowhere else`() {
        var machine = ConsumerMachine(faults: ["poison"])
        machine.failedForGood(reason: "disk")
        guard case .rest = machine.action else {
            Issue.record("no rest but \(machine.action)")
            return
        }
        machine.rested()
        #expect(machine.action == .park([.init(position: 0, reason: "poison")]))
    }

    /// What a machine did with a random batch and a driver that fails at random.
    private struct Trip {
        var handled: [Int] = []
        var parked: [Int] = []
        var mayRestOnly = false
        var isAcknowledged = false
    }

    /// - Parameter cursed: the positions whose handling fails for good.
    private func drive(
        _ faults: [String?], cursed: Set<Int>, _ generator: inout SeededGenerator
    ) throws -> Trip {
        var machine = ConsumerMachine(faults: faults)
        var trip = Trip()
        for _ in 0..<10_000 {
            switch machine.action {
            case .rest:
                trip.mayRestOnly = false
                machine.rested()
            case .handle(let positions):
                #expect(!trip.mayRestOnly, "a transient fault must be followed by a rest")
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    machine.failedForNow()
                    trip.mayRestOnly = true
                } else if !cursed.isDisjoint(with: positions) {
                    machine.failedForGood(reason: "cursed")
                } else {
                    trip.handled += positions
                    machine.handled(
                        positions.map { $0 % 5 == 0 ? .park(reason: "verdict") : .handled })
                }
            case .park(let parked):
                #expect(!trip.mayRestOnly, "a transient fault must be followed by a rest")
                if Bool.random(using: &generator) {
                    machine.failedForNow()
                    trip.mayRestOnly = true
                } else {
                    trip.parked += parked.map(\.position)
                    machine.parked()
                }
            case .acknowledge:
                trip.isAcknowledged = true
                return trip
            }
        }
        return trip
    }

    @Test(arguments: 0..<500 as Range<UInt64>)
    func `whatever fails, each message is handled or parked exactly once before the answer`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...40, using: &generator)
        let poison = Set((0..<count).filter { _ in Int.random(in: 0..<6, using: &generator) == 0 })
        let cursed = Set((0..<count).filter { _ in Int.random(in: 0..<6, using: &generator) == 0 })
            .subtracting(poison)
        let trip = try drive(
            (0..<count).map { poison.contains($0) ? "poison" : nil }, cursed: cursed, &generator)
        #expect(trip.isAcknowledged)
        let good = Set(0..<count).subtracting(poison).subtracting(cursed)
        #expect(trip.handled.sorted() == good.sorted(), "each good one once, no other")
        let toPark = poison.union(cursed).union(good.filter { $0 % 5 == 0 })
        #expect(trip.parked.sorted() == toPark.sorted(), "each bad one once, no other")
    }
}
