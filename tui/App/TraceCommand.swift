import ArgumentParser
import JSON
import KassaClient
import KassaView

/// `kassa trace`
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Tell an order's life from what both services have stored, step by step.",
        discussion: """
            Accepted, published, received, charged or refused, told, settled; and messages about \
            it that were parked. Each step says when it was, by the clock of its service, and \
            which process took it: HOST:PID, as its log and its metrics name it; or a dash where \
            that is not stored. A step that waits says so, and so does one that was taken more \
            than once.
            """)

    @Argument(help: "The order's id.") var order: String
    @OptionGroup var format: FormatOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let told = try await gateway.withClient { try await $0.trace(of: order) }
        if format.json { return say(told.text) }
        if let missing = told["missing"]?.string { complain(missing.displayed()) }
        for step in told["steps"]?.array ?? [] { for line in Self.lines(of: step) { say(line) } }
    }

    /// Columns that a line has at most, but for a word that is longer.
    private static let width = 80
    private static let indent = "    "

    private static func lines(of step: JSONValue) -> [String] {
        let head = [
            padded(step["at"]?.string ?? "-", 27), padded(step["service"]?.string, 8),
            padded(step["step"]?.string, 10),
        ].joined(separator: "  ")
        let instance = (step["instance"]?.string ?? "-").displayed(upTo: 64)
        let words = step["words"]?.string?.displayed() ?? ""
        guard head.columns() + 2 + instance.columns() <= width else {
            return [head] + wrapped("\(instance) \(words)")
        }
        return ["\(head)  \(instance)"] + wrapped(words)
    }

    /// Breaks at spaces.
    private static func wrapped(_ words: String) -> [String] {
        var lines: [String] = []
        for word in words.split(separator: " ").map(String.init) {
            if let last = lines.last, last.columns() + 1 + word.columns() <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append("\(indent)\(word)")
            }
        }
        return lines
    }

    private static func padded(_ text: String?, _ width: Int) -> String {
        let text = (text ?? "").displayed(upTo: 40)
        return text + String(repeating: " ", count: max(0, width - text.columns()))
    }
}
