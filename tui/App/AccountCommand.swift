import ArgumentParser
import JSON
import KassaClient
import SharedKernel

/// `kassa account …`
struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Create, list and look at accounts, and deposit.",
        subcommands: [Create.self, List.self, Show.self, Deposit.self])

    /// Opens an account.
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an account with nothing on it.")

        @Argument(help: "Whose it is: 1 to 128 bytes.") var user: String
        @Option(help: "Repeat an earlier try under its Idempotency-Key.") var key: String?
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let told = try await gateway.withClient { client in
                try await underKey(key) { try await client.createAccount(user, key: $0) }
            }
            format.say(told, "account \(told.value.user.displayed()) created")
        }
    }

    /// Lists accounts.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List accounts, newest first.")

        @Option(help: "At most so many.") var limit = RowLimit(100)
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let accounts = try await gateway.withClient { client in
                try await gather(limit) { (before, limit) async throws(CallFailure) in
                    try await client.accounts(before: before, limit: limit)
                }
            }
            if format.json { return KassaApp.say(accounts.json.text) }
            var columns = Columns(.init(title: "USER"), .init(title: "BALANCE", isNumber: true))
            for account in accounts.elements {
                columns.add(account.user.displayed(), account.balance.description)
            }
            columns.lines.forEach { KassaApp.say($0) }
        }
    }

    /// Shows an account.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show an account's balance and its last movements.")

        @Argument(help: "Whose it is.") var user: String
        @Option(help: "At most so many movements.") var limit = RowLimit(20)
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let (account, transfers) = try await gateway.withClient { client in
                let account = try await client.account(user)
                let transfers = try await gather(limit) {
                    (before, limit) async throws(CallFailure) in
                    try await client.transfers(of: user, before: before, limit: limit)
                }
                return (account, transfers)
            }
            if format.json {
                guard case .object(let members) = account.json else { return }
                let whole = members + [JSONValue.Member("transfers", transfers.json)]
                return KassaApp.say(JSONValue.object(whole).text)
            }
            KassaApp.say("\(account.value.user.displayed())  \(account.value.balance)")
            var columns = Columns(
                .init(title: "TIME"), .init(title: "KIND"), .init(title: "AMOUNT", isNumber: true),
                .init(title: "ORDER"))
            for transfer in transfers.elements {
                columns.add(
                    transfer.createdAt.description, transfer.kind,
                    (transfer.kind == "charge" ? "-" : "") + transfer.amount.description,
                    transfer.orderID?.description ?? "")
            }
            if !columns.rows.isEmpty { columns.lines.forEach { KassaApp.say($0) } }
        }
    }

    /// Deposits.
    struct Deposit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Bring money to an account.")

        @Argument(help: "Whose account.") var user: String
        @Argument(help: "How much: 0.01 to 9999999999.99.") var amount: Amount
        @Option(help: "Repeat an earlier try under its Idempotency-Key.") var key: String?
        @OptionGroup var format: FormatOptions
        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let told = try await gateway.withClient { client in
                try await underKey(key) {
                    try await client.deposit(amount.money, to: user, key: $0)
                }
            }
            format.say(told, "\(told.value.user.displayed())  \(told.value.balance)")
        }
    }
}

extension FormatOptions {
    /// Prints an answer: its JSON, or a line about it.
    func say<Value>(_ told: Told<Value>, _ line: @autoclosure () -> String) {
        KassaApp.say(json ? told.json.text : line())
    }
}

/// Reads a list page by page until there are enough rows.
///
/// - Parameter page: gives at most so many rows, from a page's `next` on.
func gather<Element>(
    _ limit: RowLimit,
    _ page: (_ before: String?, _ limit: Int) async throws(CallFailure) -> Told<Page<Element>>
) async throws -> (elements: [Element], json: JSONValue) {
    var elements: [Element] = []
    var json: [JSONValue] = []
    var before: String?
    repeat {
        let told = try await page(before, min(1_000, limit.count - elements.count))
        elements += told.value.elements
        json += told.json.array ?? []
        before = told.value.elements.isEmpty ? nil : told.value.next
    } while before != nil && elements.count < limit.count
    return (elements, .array(json))
}
