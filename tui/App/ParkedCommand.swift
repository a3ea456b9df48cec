import ArgumentParser
import JSON
import KassaClient
import SharedKernel

/// `kassa parked …`
struct ParkedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parked",
        abstract: "Decide what becomes of messages that could not be handled.",
        discussion: """
            A message that is no event, is not believed, or contradicts what was decided, lies in \
            its service's database with the reason. A replay handles it as its consumer would, at \
            most once. 'replay' and 'discard' only tell what they would do, until --apply; who \
            decided what, and when, is kept with the message, which is never deleted.
            """,
        subcommands: [List.self, Show.self, Replay.self, Discard.self])

    /// Lists them.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is parked, newest first.")

        @Option(help: "Only this service's: orders or payments.") var service: ParkingService?
        @Flag(help: "Those that were replayed or discarded too.") var all = false
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let state = all ? nil : "parked"
            let (rows, json) = try await gateway.withClient { client in
                try await gatherParked(
                    service.map { [$0] } ?? ParkingService.allCases, state, client)
            }
            if format.json {
                say(JSONValue.array(json).text)
            } else {
                for row in rows {
                    say("\(row.id)  \(row.parkedAt)  \(row.queue)  \(row.state)  \(row.reason)")
                }
            }
        }
    }

    /// Shows one.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one with its body, headers and what was done about it.")

        @Argument(help: "As 'list' names it: payments/7.") var id: ParkedID
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let told = try await gateway.withClient { try await $0.parkedMessage(id.text) }
            format.say(told, told.json.indented().displayedLines)
        }
    }

    /// Handles one, or all.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what a replay would do; with --apply, do it.",
            discussion: """
                With --all each line is told as if its message came alone. Exit 0: every message \
                is handled, or would be. 1: some stay parked.
                """)

        @Argument(help: "As 'list' names them: payments/7.") var ids: [ParkedID] = []
        @Flag(help: "All that are parked, in both services, oldest first.") var all = false
        @Flag(help: "Do it.") var apply = false
        @Flag(help: "Vouch for senders who are not believed: replay forged and unsigned ones too.")
        var believeSender = false
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func validate() throws {
            guard ids.isEmpty == all else {
                throw ValidationError("name messages, or say --all")
            }
        }

        func run() async throws {
            let isHandled = try await gateway.withClient { client in
                try await forEach(ids, all, client, format) { id throws(CallFailure) in
                    apply
                        ? try await client.replay(id, believing: believeSender)
                        : try await client.rehearseReplay(of: id, believing: believeSender)
                }
            }
            if !apply { remark("nothing was done; --apply does it") }
            if !isHandled { throw ExitReason.failed }
        }
    }

    /// Sets one aside for good, or all.
    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Decide that messages will never be handled; they are kept.")

        @Argument(help: "As 'list' names them: payments/7.") var ids: [ParkedID] = []
        @Flag(help: "All that are parked, in both services.") var all = false
        @Flag(help: "Do it.") var apply = false
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func validate() throws {
            guard ids.isEmpty == all else {
                throw ValidationError("name messages, or say --all")
            }
        }

        func run() async throws {
            try await gateway.withClient { client in
                guard apply else {
                    let named = all ? try await allParked(client) : ids.map(\.text)
                    for id in named {
                        let told = try await client.parkedMessage(id)
                        format.say(told, "\(id)  would be discarded: \(told.value.reason)")
                    }
                    return remark("nothing was done; --apply does it")
                }
                _ = try await forEach(ids, all, client, format) { id throws(CallFailure) in
                    try await client.discard(id)
                }
            }
        }
    }
}

/// A service that parks messages.
enum ParkingService: String, CaseIterable, ExpressibleByArgument {
    case orders, payments
}

/// `payments/7`.
struct ParkedID: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, ParkingService(rawValue: String(parts[0])) != nil,
            Int64(parts[1]).map({ $0 > 0 }) == true
        else { return nil }
        text = argument
    }
}

/// Reads the lists of the services to their ends.
private func gatherParked(
    _ services: [ParkingService], _ state: String?, _ client: GatewayClient
) async throws -> (rows: [ParkedMessageRecord], json: [JSONValue]) {
    var (rows, json): ([ParkedMessageRecord], [JSONValue]) = ([], [])
    for service in services {
        var before: String?
        repeat {
            let page = try await client.parkedMessages(
                of: service.rawValue, state: state, before: before, limit: 1_000)
            rows += page.value
            json += page.json.array ?? []
            let last = page.value.count == 1_000 ? page.value.last : nil
            before = last.flatMap { $0.id.split(separator: "/").last.map(String.init) }
        } while before != nil
    }
    return (rows, json)
}

/// The ids of all that are parked, the oldest of each service first.
private func allParked(_ client: GatewayClient) async throws -> [String] {
    try await gatherParked(ParkingService.allCases, "parked", client).rows.reversed().map(\.id)
}

/// Does something with each, and says what came of it.
///
/// - Returns: whether every message is handled by it.
private func forEach(
    _ ids: [ParkedID], _ all: Bool, _ client: GatewayClient, _ format: FormatOptions,
    _ act: (String) async throws(CallFailure) -> Told<ReplayRecord>
) async throws -> Bool {
    var isHandled = true
    for id in all ? try await allParked(client) : ids.map(\.text) {
        let told = try await act(id)
        format.say(told, "\(id)  \(told.value.words)")
        isHandled = isHandled && told.value.isHandled
    }
    return isHandled
}

extension String {
    /// Several lines, each fit for a terminal.
    fileprivate var displayedLines: String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0).displayed(upTo: 70_000) }.joined(separator: "\n")
    }
}
