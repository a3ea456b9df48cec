import ArgumentParser
import JSON
import KassaClient
import SharedKernel

/// `kassa order …`
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order", abstract: "Place, list, show and watch orders.",
        subcommands: [Place.self, List.self, Show.self, Watch.self])

    /// Places an order.
    struct Place: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Place an order.",
            discussion: "With --wait it exits 0 for PAID, 1 for FAILED, 5 when still PENDING.")

        @Argument(help: "Whose account pays.") var user: String
        @Argument(help: "What it costs: 0.01 to 9999999999.99.") var amount: Amount
        @Argument(help: "What is ordered, in a few words.") var description: [String] = []
        @Flag(help: "Wait until it is PAID or FAILED.") var wait = false
        @Option(help: ArgumentHelp("Wait so long at most.", valueName: "seconds"))
        var timeout = 30
        @Option(help: "Repeat an earlier try under its Idempotency-Key.") var key: String?
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func validate() throws {
            guard (1...86_400).contains(timeout) else {
                throw ValidationError("--timeout must be 1 to 86400 seconds")
            }
        }

        func run() async throws {
            let told = try await gateway.withClient { client in
                let told = try await underKey(key) { key in
                    try await client.placeOrder(
                        user: user, amount: amount.money,
                        description: description.joined(separator: " "), key: key)
                }
                guard wait else { return told }
                return try await Self.settled(told, within: .seconds(timeout), client)
            }
            format.say(told, told.value.line)
            guard wait else { return }
            switch told.value.status {
            case .paid: return
            case .failed: throw ExitReason.failed
            default:
                complain(
                    "still \(told.value.status.rawValue) after \(timeout) s; follow it with "
                        + "'kassa order watch \(told.value.id)'")
                throw ExitReason.stillPending
            }
        }

        /// Asks until the order has ended, more slowly as time goes by; an answer that fails to
        /// come is asked for again.
        private static func settled(
            _ placed: Told<OrderRecord>, within limit: Duration, _ client: GatewayClient
        ) async throws -> Told<OrderRecord> {
            let deadline = ContinuousClock.now + limit
            var (told, pause) = (placed, Duration.milliseconds(20))
            while told.value.status == .pending, .now + pause < deadline {
                try await Task.sleep(for: pause * Double.random(in: 0.8...1.2))
                pause = min(pause * 1.5, .milliseconds(500))
                if let later = try? await client.order(placed.value.id.description) { told = later }
            }
            return told
        }
    }

    /// Lists orders.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List orders, newest first.")

        @Option(help: "Only this customer's.") var user: String?
        @Option(help: "Only those that are PENDING, PAID or FAILED.") var status: StatusArgument?
        @Option(help: "At most so many.") var limit = RowLimit(100)
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let orders = try await gateway.withClient { client in
                try await gather(limit) { (before, limit) async throws(CallFailure) in
                    try await client.orders(
                        .init(user: user, status: status?.status, before: before, limit: limit))
                }
            }
            if format.json { return say(orders.json.text) }
            var columns = Columns(
                .init(title: "ORDER"), .init(title: "CREATED"), .init(title: "USER"),
                .init(title: "AMOUNT", isNumber: true), .init(title: "STATUS"),
                .init(title: "DESCRIPTION"))
            for order in orders.elements {
                let reason = order.failureReason.map { " \($0)" } ?? ""
                columns.add(
                    order.id.description, order.createdAt.description, order.user.displayed(),
                    order.amount.description, order.status.rawValue + reason, order.description)
            }
            columns.lines.forEach { say($0) }
        }
    }

    /// Shows an order.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an order and what happened to it.")

        @Argument(help: "The order's id.") var id: String
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let told = try await gateway.withClient { try await $0.order(id) }
            if format.json { return say(told.json.text) }
            say(told.value.line)
            if !told.value.description.isEmpty { say("  \(told.value.description)") }
            for change in told.value.history ?? [] {
                let reason = change.reason.map { " \($0)" } ?? ""
                say("  \(change.at)  \(change.status.rawValue)\(reason)")
            }
        }
    }
}

/// A status as it may be asked for.
struct StatusArgument: ExpressibleByArgument {
    let status: OrderRecord.Status

    init?(argument: String) {
        guard let status = OrderRecord.Status(rawValue: argument.uppercased()), status != .unknown
        else { return nil }
        self.status = status
    }

    static let allValueStrings = ["PENDING", "PAID", "FAILED"]
}

extension OrderRecord {
    /// The order in one line: `01a2…  alice  42.50  FAILED insufficient_funds  12 ms`.
    var line: String {
        var parts = [
            id.description, user.displayed(), amount.description,
            [status.rawValue, failureReason].compactMap(\.self).joined(separator: " "),
        ]
        if status == .paid || status == .failed {
            let (time, overflow) = updatedAt.microseconds
                .subtractingReportingOverflow(createdAt.microseconds)
            if !overflow, time >= 0 { parts.append("\(time / 1_000) ms") }
        }
        return parts.joined(separator: "  ")
    }
}
