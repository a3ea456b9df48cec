import ArgumentParser
import ServiceHost

/// `kassa-payments`: keeps the accounts, and charges orders to them.
struct PaymentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kassa-payments",
        abstract: "Keeps the customers' accounts and charges each order to them at most once.",
        discussion: """
            Serves POST and GET /accounts, POST /accounts/{user_id}/deposit, GET \
            /accounts/{user_id}/balance and GET /accounts/{user_id}/transfers over HTTP, and \
            /health, /ready and /metrics. It waits for its database and broker, says what it \
            waits for, brings its schema up to date, and is ready only then. Logs are JSON lines \
            on standard error. SIGTERM stops it within ten seconds; nothing is lost or charged \
            twice, however it stops.

            Every setting can be given as a flag, as NAME_FILE (a path), as a systemd credential \
            or as an environment variable, in this order of precedence.
            """)

    @OptionGroup(title: "Doors and logs") var host: HostOptions
    @OptionGroup(title: "Backends") var backends: BackendOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions

    static func main() async { await runDaemonCommand() }

    func run() async throws {
        let composition = Composition(
            host: try host.resolve(defaultPort: 8_002, inherited: .passed()),
            backends: try backends.resolve(),
            limits: try limits.resolve(
                defaultRate: 0, descriptors: .claim(own: Composition.descriptors)))
        try await composition.run()
    }
}
