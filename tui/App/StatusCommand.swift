import ArgumentParser
import JSON
import KassaClient

/// `kassa status`
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say whether the gateway and each service are ready; exit 0 when all are.")

    @OptionGroup var format: FormatOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let told = try await gateway.withClient { try await $0.readiness() }
        if format.json {
            say(told.json.text)
        } else {
            say("gateway   \(told.value.isReady ? "ready" : "not ready")")
            for dependency in told.value.dependencies {
                let name = dependency.name.padding(to: 9)
                let detail = dependency.detail.map { ": \($0)" } ?? ""
                say("\(name) \(dependency.state)\(detail)")
            }
        }
        if !told.value.isReady { throw ExitReason.failed }
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
