import ArgumentParser
import JSON
import KassaClient
import SharedKernel

extension OrderCommand {
    /// Streams transitions.
    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print orders as they change, until Ctrl-C.",
            discussion: """
                With ids it prints those alone, first as they stand, and ends when all of them are \
                PAID or FAILED: exit 0 when all are PAID, 1 when one FAILED. A gateway that goes \
                away is waited for. With --json, one object a line.
                """)

        @Argument(help: "Only these orders.") var ids: [String] = []
        @Option(help: "Only this customer's.") var user: String?
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            try await gateway.withClient { client in
                var watch = OrderWatch(ids: ids, user: user)
                try await watch.run(client) { order, json in
                    say(format.json ? json.text : "\(order.updatedAt)  \(order.line)")
                }
                if watch.hasFailure { throw ExitReason.failed }
            }
        }
    }
}

/// Follows the feed of changes and passes on what is new.
struct OrderWatch {
    private let wanted: Set<OrderID>
    private let names: [String]
    private let user: String?
    private var cursor: String?
    private var open: Set<OrderID> = []
    /// What was passed on last of each order; the oldest half goes when it grows beyond bounds.
    private var known: [OrderID: OrderRecord] = [:]
    private(set) var hasFailure = false

    private static let knownLimit = 100_000

    init(ids: [String], user: String?) {
        names = ids
        wanted = Set(ids.compactMap { OrderID($0) })
        self.user = user
    }

    /// Returns when every order that was asked for has ended; without ids never by itself.
    mutating func run(
        _ client: GatewayClient, _ tell: (OrderRecord, JSONValue) -> Void
    ) async throws {
        var pause = Pause()
        // Before the first look: what changes in between comes with the feed.
        cursor = try await client.orderChanges(after: nil, limit: 1).value.next
        for name in names {
            let told = try await client.order(name)
            if told.value.status == .pending { open.insert(told.value.id) }
            note(told.value, told.json, tell)
        }
        while names.isEmpty || !open.isEmpty {
            do throws(CallFailure) {
                let told = try await client.orderChanges(after: cursor)
                pause.recovered()
                take(told, tell)
                if told.value.hasMore { continue }
            } catch {
                if error.kind == .refused {
                    // Another database: its changes begin now.
                    complain("\(error.message); some changes may be missing")
                    cursor = nil
                } else {
                    pause.failed(error)
                }
            }
            try await Task.sleep(for: pause.length)
        }
    }

    private mutating func take(
        _ told: Told<ChangesPage>, _ tell: (OrderRecord, JSONValue) -> Void
    ) {
        cursor = told.value.next
        for (order, json) in zip(told.value.orders, told.json["orders"]?.array ?? []) {
            if !wanted.isEmpty && !wanted.contains(order.id) { continue }
            if let user, !order.user.utf8.elementsEqual(user.utf8) { continue }
            note(order, json, tell)
        }
    }

    private mutating func note(
        _ order: OrderRecord, _ json: JSONValue, _ tell: (OrderRecord, JSONValue) -> Void
    ) {
        let before = known[order.id]
        guard before?.status != order.status || before?.updatedAt != order.updatedAt else { return }
        if known.count >= Self.knownLimit {
            for id in known.keys.sorted().prefix(Self.knownLimit / 2) { known[id] = nil }
        }
        known[order.id] = order
        if order.status != .pending { open.remove(order.id) }
        if !names.isEmpty && order.status == .failed { hasFailure = true }
        tell(order, json)
    }
}

/// The time between two questions: short while answers come, growing and jittered while not.
private struct Pause {
    private var failures = 0

    var length: Duration {
        guard failures > 0 else { return .milliseconds(250) }
        let longest = min(30.0, 0.5 * Double(1 << min(failures, 6)))
        return .seconds(Double.random(in: longest / 2...longest))
    }

    mutating func recovered() {
        if failures > 0 { complain("the gateway answers again") }
        failures = 0
    }

    mutating func failed(_ failure: CallFailure) {
        if failures == 0 { complain("\(failure.message); trying on") }
        failures += 1
    }
}
