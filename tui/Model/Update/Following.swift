/// What keeps the selected order's details up to date.
struct DetailFollower: Sendable {
    /// The order asked for, while the answer is awaited.
    var asked: String?
    var askedAt: Instant = .min
    /// The order that ``retryAt`` is about: another one is asked for at once.
    var subject: RowID?
    /// Not before this: after a failure, or while an open order is watched.
    var retryAt: Instant = .min
    /// The user whose transfers were asked for, and for which order.
    var transfersFor: String?

    /// Milliseconds between questions about an open order.
    static let pace: Int64 = 250

    mutating func giveUp(at now: Instant) {
        if asked != nil, now - askedAt > 30_000 { asked = nil }
    }
}

extension State {
    /// The order whose details are on show.
    package var selectedOrder: OrderRow? { orders.selectedRow }

    /// The details of the selected order; nil while they have not come.
    package var selectedDetail: OrderDetail? {
        guard let selected = orders.selected, let detail, detail.row.rowID == selected else {
            return nil
        }
        return detail
    }

    /// The last movements of the selected order's account, newest first; empty until they came.
    package var selectedMovements: [TransferRow] {
        transfers?.user == selectedOrder?.user ? transfers?.rows ?? [] : []
    }

    /// The movement of money that paid for the selected order, where it is known.
    package var selectedTransfer: TransferRow? {
        guard let selected = orders.selected else { return nil }
        return transfers?.rows.first { $0.orderID == selected.text }
    }

    /// When the selected order is to be asked about next; nil where nothing is missing.
    var detailDueAt: Instant? {
        guard let row = orders.selectedRow, follower.asked == nil else { return nil }
        let retryAt = follower.subject == row.rowID ? follower.retryAt : .min
        guard let detail = selectedDetail else { return retryAt }
        if row.updatedAt > detail.row.updatedAt { return retryAt }
        if row.status.isSettled || feeds[.orders]?.outage != nil { return nil }
        return max(retryAt, follower.askedAt &+ DetailFollower.pace)
    }

    mutating func askDetail() -> [Effect] {
        guard let due = detailDueAt, due <= moment.now, let row = orders.selectedRow else {
            return []
        }
        follower.asked = row.id
        follower.subject = row.rowID
        follower.askedAt = moment.now
        return [.send(.order(id: row.id))]
    }

    mutating func detailed(_ detail: OrderDetail) -> [Effect] {
        if follower.asked == detail.row.id { follower.asked = nil }
        merge([detail.row], isLive: orderFeed.isPrimed)
        guard detail.row.rowID == orders.selected else { return [] }
        // Answers may overtake each other; the later state of the order is the truer one.
        let isOlder = selectedDetail.map { $0.row.updatedAt > detail.row.updatedAt } ?? false
        if !isOlder { self.detail = detail }
        follower.retryAt = moment.now &+ DetailFollower.pace
        var effects: [Effect] = []
        let user = RowID(detail.row.user)
        if accounts.row(user).map({ moment.now - $0.learnedAt > 5_000 }) ?? true,
            accountsToAsk.asked.insert(user).inserted
        {
            effects.append(.send(.balance(user: user.text)))
        }
        let isUnchanged = follower.transfersFor == detail.row.id
        if detail.row.status.isSettled, !isUnchanged {
            follower.transfersFor = detail.row.id
            effects.append(.send(.transfers(user: detail.row.user, limit: 100)))
        }
        return effects
    }

    mutating func detailFailed(_ id: String, _ failure: Failure) {
        if follower.asked == id { follower.asked = nil }
        let isGone = if case .refused = failure { true } else { false }
        follower.retryAt = moment.now &+ (isGone ? 30_000 : 2_000)
        if orders.row(RowID(id)) == nil || isGone {
            note(.warning, "order \(id): \(failure.text)")
        }
    }
}
