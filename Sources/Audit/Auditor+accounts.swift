import JSON
import SharedKernel

/// Balances against movements.
///
/// A balance changes while its movements are read, so these are read in two parts: the latest
/// minute's together with the balance, in one statement, and what is older in as many statements as
/// it takes, since nothing is added there any more.
extension Auditor {
    /// A page of accounts, as of one moment.
    private struct AccountPage {
        let accounts: [AuditedAccount]
        /// What is older is not in their `recent`.
        let since: String
    }

    func auditAccounts(
        _ report: inout AuditReport, _ found: (AuditFinding) -> Void,
        _ progress: (AuditReport) -> Void
    ) async throws {
        var last: Int64 = 0
        while true {
            let page = try await accounts(after: last)
            // The last page goes on to the end: movements may name accounts that are not there.
            let end = page.accounts.count < pageLimit ? Int64.max : page.accounts.last?.number
            guard let end else { return }
            for finding in try await check(page, from: last, through: end, &report) {
                report.add(finding)
                found(finding)
            }
            progress(report)
            guard end < .max else { return }
            last = end
        }
    }

    private func check(
        _ page: AccountPage, from last: Int64, through end: Int64, _ report: inout AuditReport
    ) async throws -> [AuditFinding] {
        var findings: [AuditFinding] = []
        var movements = MovementStream(after: last, through: end, since: page.since, ask: ask)
        var moved = try await movements.next()
        for account in page.accounts {
            while let stray = moved, stray.account < account.number {
                findings.append(Self.stray(stray.account))
                moved = try await movements.next()
            }
            var sums = account.recent
            if let mine = moved, mine.account == account.number {
                sums = sums + mine.sums
                moved = try await movements.next()
            }
            report.accounts += 1
            report.deposited = report.deposited + sums.deposited
            report.balance = report.balance + account.balance
            if AuditRules.finding(account, sums) != nil {
                findings += try await [confirm(account)].compactMap(\.self)
            }
        }
        while let stray = moved {
            findings.append(Self.stray(stray.account))
            moved = try await movements.next()
        }
        return findings
    }

    /// Looks at one account again: a movement that took longer than a minute to be committed would
    /// be in neither part.
    private func confirm(_ account: AuditedAccount) async throws -> AuditFinding? {
        let page = try await accounts(after: account.number - 1, limit: 1)
        guard let account = page.accounts.first else { return nil }
        var movements = MovementStream(
            after: account.number - 1, through: account.number, since: page.since, ask: ask)
        let old = try await movements.next()?.sums ?? AuditedAccount.Movements()
        return AuditRules.finding(account, account.recent + old)
    }

    private static func stray(_ number: Int64) -> AuditFinding {
        AuditFinding(
            "account number \(number)", .moneyIsConserved, "money moved, but there is no account")
    }

    private func accounts(after number: Int64, limit: Int? = nil) async throws -> AccountPage {
        let answer = try await ask("/audit/accounts?limit=\(limit ?? pageLimit)&after=\(number)")
        guard let since = answer["since"]?.string, let rows = answer["accounts"]?.array else {
            throw UnreadableAnswer(what: "list of accounts")
        }
        return AccountPage(
            accounts: try rows.map { json throws(UnreadableAnswer) in try AuditedAccount(json) },
            since: since)
    }
}

/// What the old movements of each account come to, by ascending account number, piece by piece.
private struct MovementStream {
    struct Moved {
        let account: Int64
        var sums: AuditedAccount.Movements
    }

    private let through: Int64
    private let since: String
    private let ask: Auditor.Ask
    /// Where to go on; nil at the end.
    private var cursor: String?
    private var rows: ArraySlice<Moved> = []

    init(after: Int64, through: Int64, since: String, ask: @escaping Auditor.Ask) {
        self.through = through
        self.since = since
        self.ask = ask
        cursor = "\(after)"
    }

    /// An account's movements may go on in the next piece.
    mutating func next() async throws -> Moved? {
        try await fill()
        guard var moved = rows.popFirst() else { return nil }
        while true {
            try await fill()
            guard let more = rows.first, more.account == moved.account else { return moved }
            moved.sums = moved.sums + more.sums
            rows.removeFirst()
        }
    }

    private mutating func fill() async throws {
        while rows.isEmpty, let place = cursor {
            let answer = try await ask(
                "/audit/movements?after=\(place)&through=\(through)&until=\(since)")
            guard let found = answer["movements"]?.array else {
                throw UnreadableAnswer(what: "list of movements")
            }
            rows = try found.map { json throws(UnreadableAnswer) in
                guard let account = json.integer("account"),
                    let sums = AuditedAccount.Movements(json)
                else { throw UnreadableAnswer(what: "movement") }
                return Moved(account: account, sums: sums)
            }[...]
            cursor = answer["next"]?.string
        }
    }
}
