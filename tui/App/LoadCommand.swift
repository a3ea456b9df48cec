import ArgumentParser
import Glibc
import JSON
import KassaClient
import KassaLoad
import SharedKernel

/// `kassa load`
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Bring a load of orders to a gateway, and follow each to its end.",
        discussion: """
            With --rate the orders fall due at even times whether or not answers come (an open \
            loop), and what an order waits for a free client counts as its latency. Without, each \
            client sends its next order when its last is answered, which finds the highest rate. \
            Where each order has ended is looked up after the last was sent, so as not to \
            disturb; what settles meanwhile is shown by the gateway's counts, which have others' \
            orders among them. It opens accounts of its own (named by --prefix) and leaves them \
            behind: for a try-out stack, not for a shop. Exit 0 when every order was answered and \
            has ended, else 1.
            """)

    @Option(help: "Orders a second; absent: as fast as answers come.") var rate: Double?
    @Option(help: ArgumentHelp("How long to send.", valueName: "seconds")) var duration = 10
    @Option(help: "How many orders may be under way, 1 to 4096.") var clients = 32
    @Option(help: "How many accounts to spread them over, 1 to 100000.") var accounts = 1_000
    @Option(help: "What each order costs. (default: 1.25)") var amount: Amount?
    @Option(help: "The way in: http (the gateway) or grpc (Orders itself).")
    var door = LoadPlan.Door.http
    @Option(help: ArgumentHelp("Orders' gRPC address, for --door grpc.", valueName: "host:port"))
    var rpc = "127.0.0.1:50051"
    @Option(help: "Begins the names of the accounts.") var prefix = "load"
    @Option(help: ArgumentHelp("How long accepted orders may take to end.", valueName: "seconds"))
    var settling = 60
    @Option(
        help: ArgumentHelp(
            "Afterwards 20 orders a second for so long, to see how soon settling is quick again.",
            valueName: "seconds"))
    var calm: Int?
    @Flag(help: "Open no accounts: they are there from an earlier run.") var noAccounts = false
    @Flag(help: "No line a second on how far it is.") var quiet = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        guard (1...4_096).contains(clients), (1...100_000).contains(accounts),
            (1...86_400).contains(duration), (1...86_400).contains(settling)
        else { throw ValidationError("a number is out of its bounds; see 'kassa load --help'") }
        guard calm.map({ (1...600).contains($0) }) ?? true else {
            throw ValidationError("--calm must be 1 to 600")
        }
        guard rate.map({ $0 > 0 && $0 <= 1_000_000 }) ?? true else {
            throw ValidationError("--rate must be above 0 and at most 1000000")
        }
        guard address(rpc) != nil else { throw ValidationError("--rpc must be host:port") }
    }

    func run() async throws {
        try await gateway.withClient { client in
            let url = client.configuration.url
            guard url.hasPrefix("http://"), let (host, port) = address(url.dropFirst(7)) else {
                throw Complaint(
                    "load needs a plain gateway address with a port, such as "
                        + "http://127.0.0.1:8000", .badSettings)
            }
            let run = LoadRun(plan(client.configuration), client: client, host: host, port: port)
            if !noAccounts {
                try await run.openAccounts { note("\($0) of \(accounts) accounts are ready") }
            }
            let report = try await run.run { note($0.line) }
            if format.json { say(report.json.text) } else { report.lines.forEach { say($0) } }
            if !report.isComplete { throw ExitReason.failed }
        }
    }

    private func plan(_ client: GatewayClient.Configuration) -> LoadPlan {
        var plan = LoadPlan(gateway: client.url)
        plan.token = client.token
        plan.door = door
        if let (host, port) = address(rpc) { (plan.rpcHost, plan.rpcPort) = (host, port) }
        plan.rate = rate
        plan.duration = .seconds(duration)
        plan.clients = clients
        plan.accounts = accounts
        if let amount { plan.amount = amount.money }
        plan.calm = calm.map { .seconds($0) }
        plan.settling = .seconds(settling)
        plan.accountPrefix = prefix
        return plan
    }

    private func address(_ text: some StringProtocol) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { return nil }
        return (String(text[..<colon]), port)
    }

    private func note(_ line: String) {
        if !quiet { complain(line) }
    }
}

extension LoadPlan.Door: ExpressibleByArgument {}

extension LoadRun.Progress {
    fileprivate var line: String {
        let trouble =
            refused + unanswered > 0 ? ", \(refused) refused, \(unanswered) unanswered" : ""
        return "\(Int(elapsed / .seconds(1))) s: \(accepted) accepted, \(settled) settled, "
            + "\(open) open\(trouble)"
    }
}
