import Messaging
import Testing

struct RelayMachineTests {
    private func machine() -> RelayMachine {
        RelayMachine(batchLimit: 256, pollInterval: .seconds(1))
    }

    @Test(arguments: [0, 1, 255])
    func `a pass that was not full is followed by rest`(claimed: Int) {
        var machine = machine()
        #expect(machine.passed(claimed: claimed) == .idle(.seconds(1)))
        #expect(machine.rested() == .pass)
    }

    @Test func `a full pass is followed by the next at once`() {
        var machine = machine()
        #expect(machine.passed(claimed: 256) == .pass)
    }

    @Test func `failures rest ever longer, and a success ends the series`() {
        var machine = machine()
        var rests: [Duration] = []
        for _ in 0..<20 {
            guard case .recover(let rest) = machine.failed() else {
                Issue.record("a failed pass must rest, whoever rings")
                return
            }
            rests.append(rest)
        }
        for (failures, rest) in rests.enumerated() {
            let bound = Backoff.bound(
                after: failures, initial: .milliseconds(100), cap: .seconds(5))
            #expect(rest >= bound / 2 && rest <= bound)
        }
        _ = machine.passed(claimed: 1)
        guard case .recover(let rest) = machine.failed() else { return }
        #expect(rest <= .milliseconds(100))
    }

    @Test func `only a confirmed message is deleted`() throws {
        let message = try outboxMessage(1)
        #expect(RelayMachine.disposition(of: message, after: .confirmed) == .delete)
        for outcome in [PublishOutcome.returned(reason: "312 NO_ROUTE"), .refused] {
            #expect(
                RelayMachine.disposition(of: message, after: outcome)
                    == .postpone(.milliseconds(500)))
        }
    }

    @Test(arguments: [(0, 500), (1, 1_000), (5, 16_000), (6, 30_000), (100_000, 30_000)])
    func `a message without a queue is put off longer each time`(
        attempts: Int, milliseconds: Int
    ) throws {
        let message = try outboxMessage(1, attempts: attempts)
        #expect(
            RelayMachine.disposition(of: message, after: .refused)
                == .postpone(.milliseconds(milliseconds)))
    }
}
