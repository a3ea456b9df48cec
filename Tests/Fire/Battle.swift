import LocalStack
import SharedKernel
import TestShop
import TestSupport

/// One run: customers, faults, quiet, and what was found.
final class Battle: Sendable {
    private let field: Battlefield
    private let options: BattleOptions
    private let record = ClientRecord()
    private let customers: Customers
    private let watcher: Watcher
    private let messages: MessageFaults
    private let log: RunningLine

    init(on field: Battlefield, _ options: BattleOptions) {
        self.field = field
        self.options = options
        customers = Customers(shop: field.shop, record: record, seed: options.seed)
        watcher = Watcher(field.shop)
        messages = MessageFaults(shop: field.shop, record: record, watcher: watcher)
        log = RunningLine(record)
    }

    /// Runs it to the end.
    func run() async throws -> Report {
        try await customers.arrive()
        await field.supervisor.start()
        await watcher.start()
        let begin = ContinuousClock.now
        let end = begin + options.duration
        // A salvo may last beyond the end, and so may the minute in which the next order must end.
        let shopping = Task {
            let last = end + .seconds(180) + options.quietLimit
            await customers.shopping(clients: options.clients, last: last)
        }
        defer { shopping.cancel() }
        let toll = await strikes(from: begin, until: end)
        try Task.checkCancellation()
        record.close()
        let last = ContinuousClock.now + options.quietLimit
        log.say("faults are off; waiting until all is quiet")
        await shopping.value
        let quietReports = await quiet(until: last) + lies()
        await watcher.stop()
        let audit = await audit()
        let stored = try await Stored.read(field.shop)
        let state = record.now
        let flips = await watcher.flipped.map { "an end changed: \($0)" }
        let reports = await field.supervisor.unexpected + flips + quietReports + toll.stuck
        return Report(
            seed: options.seed, elapsed: options.duration, faults: toll.faults,
            skipped: options.skipped, recoveries: toll.recoveries, record: state, stored: stored,
            findings: Findings(state, stored, reports: reports), audit: audit)
    }

    /// Contrary outcomes, in every run; gives what went wrong with them.
    private func lies() async -> [String] {
        do {
            log.say("quiet; telling the contrary of what became of some orders")
            try await messages.contradictAtRest()
            return []
        } catch {
            return ["contrary outcomes at rest: \(error)"]
        }
    }

    /// What `kassa audit` says, which sees no more than what the gateway tells.
    private func audit() async -> (isClean: Bool, text: String) {
        do {
            let gateway = field.shop.url(.gateway)
            let output = try await Command(
                try BuiltProgram.path("kassa"), ["audit", "--at-rest", "--gateway", gateway],
                environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
            ).run(within: .seconds(600))
            let lines = output.standardOutput + (output.succeeded ? "" : output.standardError)
            let text = lines.split(separator: "\n").suffix(12).map { "  \($0)" }
            return (output.succeeded, text.joined(separator: "\n"))
        } catch {
            return (false, "  could not be made: \(error)")
        }
    }

    /// What the faults came to.
    private struct Toll: Sendable {
        var faults: [FaultKind: Report.Tally] = [:]
        var recoveries: [(fault: String, time: Duration)] = []
        /// After which faults nothing went on.
        var stuck: [String] = []
    }

    private func strikes(
        from begin: ContinuousClock.Instant, until end: ContinuousClock.Instant
    ) async -> Toll {
        var toll = Toll()
        var schedule = Schedule(seed: options.seed, kinds: options.kinds)
        for kind in options.kinds { toll.faults[kind] = Report.Tally() }
        while ContinuousClock.now < end, !Task.isCancelled {
            let salvo = schedule.next()
            let name = salvo.map(\.description).joined(separator: " + ")
            log.show(name, at: ContinuousClock.now - begin, of: options.duration)
            let failures = await strike(salvo)
            for (strike, failure) in zip(salvo, failures) {
                if let failure {
                    toll.faults[strike.kind]?.failures.append(failure)
                } else {
                    toll.faults[strike.kind]?.injected += 1
                }
            }
            let time = await watcher.nextEnd(after: .now, within: .seconds(60))
            guard !Task.isCancelled else { break }
            if let time {
                toll.recoveries.append((name, time))
            } else {
                toll.stuck.append("no order ended for 60 s after \(name)")
            }
        }
        return toll
    }

    /// All at the same time; gives, in order, why one could not be injected.
    private func strike(_ salvo: [Strike]) async -> [String?] {
        await withTaskGroup(of: (Int, String?).self) { group in
            for (place, strike) in salvo.enumerated() {
                group.addTask { [field, messages] in
                    do {
                        try await field.carryOut(strike, messages)
                        return (place, nil)
                    } catch {
                        return (place, "\(error)".split(separator: "\n").joined(separator: " "))
                    }
                }
            }
            var failures = [String?](repeating: nil, count: salvo.count)
            for await (place, failure) in group { failures[place] = failure }
            return failures
        }
    }

    /// Waits until nothing is in flight; gives what is, where the time is up.
    private func quiet(until limit: ContinuousClock.Instant) async -> [String] {
        do {
            let shop = field.shop
            for daemon in Shop.Daemon.allCases { try await shop.untilReady(daemon) }
            try await eventually(
                within: max(.seconds(20), limit - .now), "every order has its end"
            ) {
                let pending = "SELECT count(*) FROM orders WHERE status = 'PENDING'"
                let outbox = "SELECT count(*) FROM outbox"
                log.show("quiet", at: options.duration, of: options.duration)
                let rows = [
                    try await shop.ordersRows(pending), try await shop.ordersRows(outbox),
                    try await shop.paymentsRows(outbox),
                ]
                return rows.allSatisfy { $0 == ["0"] }
            }
            let queues = try await field.stack.rabbitmqctl("list_queues", "name", "messages")
            return queues.split(separator: "\n").filter { !$0.hasSuffix("\t0") && $0.contains("_") }
                .map { "a queue is not empty: \($0)" }
        } catch {
            return ["not quiet: \(error)"]
        }
    }
}

/// What a run is to be.
struct BattleOptions: Sendable {
    let seed: UInt64
    let duration: Duration
    let clients: Int
    let kinds: [FaultKind]
    let skipped: [(kind: String, reason: String)]
    /// How long it may take until nothing is in flight any more.
    let quietLimit: Duration = .seconds(120)
}
