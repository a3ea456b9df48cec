import Audit
import JSON
import SharedKernel

/// Has the books audited while somebody asks for them, and keeps what was found: to ask costs
/// nothing, however large the shop is.
///
/// A round looks at the orders of the latest minutes, every few seconds. A whole audit, which finds
/// what happened to old orders and to balances, begins after ten times as long as the last one
/// took: at most a tenth of the time is spent on it, however large the books have grown. Nothing is
/// done while nobody asks.
actor AuditDesk {
    /// How the books stand, as far as is known.
    private enum State: String {
        /// No whole audit has ended yet, or the last one could not be made.
        case unknown
        case balanced
        case wrong
    }

    private let auditor: Auditor
    private let rest: Duration
    private let leastWholeRest: Duration
    private var whole: (report: AuditReport, at: Timestamp)?
    private var round: (report: AuditReport, at: Timestamp)?
    private var trouble: String?
    private var nextRound: ContinuousClock.Instant?
    private var nextWhole: ContinuousClock.Instant?
    private var isAuditing = false

    /// An order that is older than this is left to the whole audits.
    private static let roundReach: Int64 = 120_000_000

    /// - Parameters:
    ///   - orders: what Orders shows.
    ///   - payments: what Payments shows.
    ///   - rest: between two rounds.
    ///   - leastWholeRest: between two whole audits, at least.
    init(
        orders: ServicePages, payments: ServicePages, rest: Duration = .seconds(5),
        leastWholeRest: Duration = .seconds(30)
    ) {
        auditor = Auditor { target in
            let isOrders = target.hasPrefix("/audit/orders")
            return try await (isOrders ? orders : payments).get(target)
        }
        self.rest = rest
        self.leastWholeRest = leastWholeRest
    }

    /// What is known now; begins a round where the last one is old.
    func latest() -> JSONValue {
        if !isAuditing, nextRound.map({ $0 <= .now }) ?? true {
            isAuditing = true
            // Not bound to the request: its caller may go, and others wait for the same.
            Task { await audit() }
        }
        var members: [JSONValue.Member] = [.init("state", .string(state.rawValue))]
        if let whole {
            members.append(.init("audited_at", .string(whole.at.description)))
            members += whole.report.members
        }
        if let round {
            members.append(
                .init(
                    "latest",
                    .object(
                        [.init("audited_at", .string(round.at.description))]
                            + round.report.members)))
        }
        if let trouble { members.append(.init("detail", .string(trouble))) }
        return .object(members)
    }

    /// What is wrong stays wrong until a whole audit has seen that it is not.
    private var state: State {
        if whole?.report.balances == false || round?.report.balances == false { return .wrong }
        return whole == nil || trouble != nil ? .unknown : .balanced
    }

    private func audit() async {
        let isWhole = nextWhole.map { $0 <= .now } ?? true
        let (start, begun) = (Timestamp.now, ContinuousClock.now)
        do {
            let report =
                if isWhole {
                    try await auditor.audit(start: start)
                } else {
                    try await auditor.audit(
                        .orders(
                            since: OrderID(
                                notBefore: Timestamp(
                                    microseconds: start.microseconds - Self.roundReach))),
                        start: start)
                }
            keep(report, isWhole: isWhole, at: start, took: .now - begun)
            trouble = nil
        } catch {
            trouble = "the books could not be audited: \(error)"
        }
        nextRound = .now + rest
        isAuditing = false
    }

    private func keep(
        _ report: AuditReport, isWhole: Bool, at start: Timestamp, took: Duration
    ) {
        if isWhole {
            whole = (report, start)
            round = nil
            nextWhole = .now + max(leastWholeRest, took * 10)
        } else if report.balances, round?.report.balances == false {
            // Something was wrong a moment ago: what became of it a whole audit will tell.
            nextWhole = .now
        } else {
            round = (report, start)
        }
    }
}
