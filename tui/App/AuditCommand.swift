import ArgumentParser
import Audit
import Glibc
import JSON
import KassaClient
import SharedKernel

/// `kassa audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract:
            "Hold the books of Orders and Payments against each other; exit 0 if they balance.",
        discussion: """
            Reads every order, every charge, every account and every movement through the gateway, \
            page by page, in the same memory however many there are, while the shop goes on. What \
            has not reached its end is counted as in flight; what looks wrong is read once more \
            before it is called so. Every order or account that is wrong gets a line:

              I1  what came into an account less what its orders took is its balance
              I2  an order has one end, and both services tell the same
              I3  a paid order has one debit, any other none
              I4  what waits for its end is announced again; with --at-rest: nothing waits
              I5  no balance is below zero

            Exit 0: the books balance. 1: something is wrong. 3: the audit could not be made.

            EXAMPLES
              kassa audit
              kassa audit --json | jq .findings
            """)

    @Flag(help: "Nothing is under way any more: an order that is still PENDING is wrong too.")
    var atRest = false
    @OptionGroup var format: FormatOptions
    @OptionGroup var gateway: GatewayOptions

    func run() async throws {
        let report = try await gateway.withClient { client in try await audit(by: client) }
        say(format.json ? report.told.text : report.summary)
        if !report.balances { throw ExitReason.failed }
    }

    private func audit(by client: GatewayClient) async throws -> AuditReport {
        let auditor = Auditor(expectsRest: atRest) { target in
            try await Self.patiently { () async throws(CallFailure) in
                try await client.json(target)
            }
        }
        let progress = ProgressLine()
        defer { progress.clear() }
        let total = try? await client.orderSummary().value
        do {
            return try await auditor.audit { finding in
                guard !format.json else { return }
                progress.clear()
                say(finding.line)
            } progress: { report in
                let all = total.map { " of \($0.pending + $0.paid + $0.failed)" } ?? ""
                let accounts = report.accounts > 0 ? ", \(report.accounts) accounts" : ""
                progress.show("audited \(report.orders)\(all) orders\(accounts)")
            }
        } catch let fault as UnreadableAnswer {
            throw CallFailure(.nonsense, "\(fault)")
        }
    }

    /// A long audit outlives what passes: it asks again for half a minute.
    private static func patiently(
        _ ask: () async throws(CallFailure) -> JSONValue
    ) async throws -> JSONValue {
        let deadline = ContinuousClock.now + .seconds(30)
        var pause = Duration.milliseconds(200)
        while true {
            do throws(CallFailure) {
                return try await ask()
            } catch {
                let rest = pause * Double.random(in: 0.5...1)
                guard error.kind != .refused, .now + rest < deadline else { throw error }
                try await Task.sleep(for: rest)
                pause = min(pause * 2, .seconds(5))
            }
        }
    }
}

extension AuditReport {
    /// The report with its verdict first.
    fileprivate var told: JSONValue {
        .object([.init("balances", .boolean(balances))] + members)
    }

    fileprivate var summary: String {
        var lines = [
            "orders     \(orders), \(inFlight) in flight", "accounts   \(accounts)",
            "deposited  \(deposited)", "paid       \(paid)", "balances   \(balance)",
        ]
        if let oldestInFlight { lines.append("oldest in flight  \(oldestInFlight)") }
        lines.append(balances ? "the books balance" : "WRONG: \(wrong)")
        return lines.joined(separator: "\n")
    }
}

extension AuditFinding {
    fileprivate var line: String {
        "WRONG \(invariant.rawValue) \(subject.displayed(upTo: 200)): \(words.displayed(upTo: 400))"
    }
}

/// One line on a terminal that is written over; nothing where standard error is none.
private struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    func show(_ text: String) {
        if isShown { remark("\r\u{1B}[K\(text)", end: "") }
    }

    func clear() {
        if isShown { remark("\r\u{1B}[K", end: "") }
    }
}
