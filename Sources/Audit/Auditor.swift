package import JSON
package import SharedKernel

/// Audits a running shop through its own doors, while it goes on.
///
/// Two streams of pages, newest first, are merged by order id; then the accounts are held against
/// the stream of their movements. Memory is that of a few pages, whatever the number of orders.
/// Orders that are accepted after it began are left out. What looks wrong is read once more before
/// it is called so, in the order in which it cannot merely be late.
package struct Auditor: Sendable {
    /// Asks a door: a path with its query.
    package typealias Ask = @Sendable (_ target: String) async throws -> JSONValue

    /// What is audited.
    package enum Scope: Sendable, Hashable {
        /// Every order and every account.
        case everything
        /// The orders since this one.
        case orders(since: OrderID)
    }

    let ask: Ask
    let pageLimit: Int
    private let expectsRest: Bool

    /// - Parameters:
    ///   - pageLimit: rows of a page, 1 to 1,000.
    ///   - expectsRest: whether nothing is under way any more, so that an order that waits for its
    ///     end is wrong too.
    ///   - ask: throws where there is no answer, which ends the audit.
    package init(pageLimit: Int = 1_000, expectsRest: Bool = false, ask: @escaping Ask) {
        self.pageLimit = pageLimit
        self.expectsRest = expectsRest
        self.ask = ask
    }

    /// Audits, and tells what was found.
    ///
    /// - Parameters:
    ///   - start: when it began: orders accepted later are left out.
    ///   - found: told of each finding at once.
    ///   - progress: told after each page of orders, and of accounts.
    /// - Throws: what `ask` throws, or ``UnreadableAnswer``.
    package func audit(
        _ scope: Scope = .everything, start: Timestamp = .now,
        found: (AuditFinding) -> Void = { _ in }, progress: (AuditReport) -> Void = { _ in }
    ) async throws -> AuditReport {
        var report = AuditReport()
        var orders = Pages {
            try await self.orders(before: $0)
        } key: {
            $0.id
        }
        var charges = Pages {
            try await self.charges(before: $0)
        } key: {
            $0.orderID
        }
        var order = try await orders.next()
        var charge = try await charges.next()
        while let id = [order?.id, charge?.orderID].compactMap(\.self).max() {
            if case .orders(let since) = scope, id < since { break }
            let mine = order?.id == id ? order : nil
            let theirs = charge?.orderID == id ? charge : nil
            if !Self.isNew(id, start) {
                if let finding = try await check(mine, theirs, id, &report) {
                    report.add(finding)
                    found(finding)
                }
                report.orders += 1
                if report.orders.isMultiple(of: pageLimit) { progress(report) }
            }
            if mine != nil { order = try await orders.next() }
            if theirs != nil { charge = try await charges.next() }
        }
        if scope == .everything { try await auditAccounts(&report, found, progress) }
        return report
    }

    /// Whether the order was accepted after the start. An id of a distant future is no reason to
    /// pass it over: Kassa has not made it.
    private static func isNew(_ id: OrderID, _ start: Timestamp) -> Bool {
        guard let moment = id.moment else { return false }
        return moment >= start && moment.microseconds - start.microseconds < 86_400_000_000
    }

    private func check(
        _ order: AuditedOrder?, _ charge: AuditedCharge?, _ id: OrderID,
        _ report: inout AuditReport
    ) async throws -> AuditFinding? {
        var (order, verdict) = (order, AuditRules.verdict(order, charge, id))
        if case .wrong = verdict {
            order = try await self.order(id)
            verdict = AuditRules.verdict(order, try await self.charge(id), id)
        }
        if let order, order.status == .paid { report.paid = report.paid + order.amount }
        switch verdict {
        case .agrees: return nil
        case .inFlight:
            report.inFlight += 1
            report.oldestInFlight = id
            guard expectsRest else { return nil }
            return AuditFinding(
                id.description, .nothingIsLost, "still PENDING, though the shop is at rest")
        case .wrong(let finding): return finding
        }
    }

    // MARK: The doors.

    private func orders(before: OrderID?) async throws -> [AuditedOrder] {
        try await rows("/audit/orders?limit=\(pageLimit)\(Self.cursor(before))", "orders")
            .map { json throws(UnreadableAnswer) in try AuditedOrder(json) }
    }

    private func charges(before: OrderID?) async throws -> [AuditedCharge] {
        try await rows("/audit/charges?limit=\(pageLimit)\(Self.cursor(before))", "charges")
            .map { json throws(UnreadableAnswer) in try AuditedCharge(json) }
    }

    private func order(_ id: OrderID) async throws -> AuditedOrder? {
        try await rows("/audit/orders?order_id=\(id)", "orders").first
            .map { json throws(UnreadableAnswer) in try AuditedOrder(json) }
    }

    private func charge(_ id: OrderID) async throws -> AuditedCharge? {
        try await rows("/audit/charges?order_id=\(id)", "charges").first
            .map { json throws(UnreadableAnswer) in try AuditedCharge(json) }
    }

    private func rows(_ target: String, _ name: String) async throws -> [JSONValue] {
        guard let rows = try await ask(target)[name]?.array else {
            throw UnreadableAnswer(what: "list of \(name)")
        }
        return rows
    }

    private static func cursor(_ before: OrderID?) -> String {
        before.map { "&before=\($0)" } ?? ""
    }
}

/// A list that is read page by page, newest first.
private struct Pages<Row> {
    private let read: (OrderID?) async throws -> [Row]
    private let key: (Row) -> OrderID
    private var before: OrderID?
    private var rows: ArraySlice<Row> = []
    private var isOver = false

    init(read: @escaping (OrderID?) async throws -> [Row], key: @escaping (Row) -> OrderID) {
        self.read = read
        self.key = key
    }

    mutating func next() async throws -> Row? {
        if rows.isEmpty, !isOver {
            rows = try await read(before)[...]
            isOver = rows.isEmpty
            before = rows.last.map(key) ?? before
        }
        return rows.popFirst()
    }
}
