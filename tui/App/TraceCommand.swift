import ArgumentParser
import JSON
import KassaClient

/// `kassa trace`
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Tell an order's life from what both services have stored, step by step.",
        discussion: """
            Accepted, published, received, charged or refused, told, settled; and messages about \
            it that were parked. A step that waits says so. Steps without a time have none stored.
            """)

    @Argument(help: "The order's id.") var order: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let told = try await gateway.withClient { try await $0.trace(of: order) }
        if format.json { return say(told.text) }
        if let missing = told["missing"]?.string { complain(missing.displayed()) }
        for step in told["steps"]?.array ?? [] {
            let columns = [
                Self.padded(step["at"]?.string ?? "-", 27), Self.padded(step["service"]?.string, 8),
                Self.padded(step["step"]?.string, 10), step["words"]?.string?.displayed() ?? "",
            ]
            say(columns.joined(separator: "  "))
        }
    }

    private static func padded(_ text: String?, _ width: Int) -> String {
        let text = (text ?? "").displayed(upTo: 40)
        return text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
