import KassaClient
import SharedKernel

/// Follows the orders to their ends by the feed of changes, which tells each order about once when
/// it is read seldom. To read it takes as much of the machine as some orders do, so that it is read
/// after the orders were sent, or, where there are very many, slowly meanwhile.
actor OrderFollower {
    /// So many orders may wait to be looked for while others are sent.
    private let most: Int
    private let client: GatewayClient
    private let tallies: [LoadTally]
    /// After this time an order's answer does not come any more.
    private let patience: Duration
    private var cursor: String
    private var forgotten = ContinuousClock.now
    private static let page = 1_000

    /// Begins now, before the first order is sent.
    ///
    /// - Parameters:
    ///   - tallies: of the orders to follow; those under way while this reads are the first's.
    ///   - most: so many orders may wait to be looked for while others are sent; by default some
    ///     40 MB.
    init(
        _ plan: LoadPlan, client: GatewayClient, tallies: [LoadTally], most: Int = 500_000
    ) async throws(CallFailure) {
        self.most = most
        self.client = client
        self.tallies = tallies
        patience = plan.deadline * 2
        cursor = try await client.orderChanges(after: nil, limit: 1).value.next
    }

    /// Keeps what waits to be looked for below a bound until cancelled, leaving the machine three
    /// quarters of the time: to read as fast as it goes would be felt by those who are measured.
    func runWhileSending() async {
        while !Task.isCancelled {
            if open > most {
                if forgotten.duration(to: .now) > patience {
                    forgotten = .now
                    tallies.first?.forgetOthers()
                }
                _ = await catchUp(until: .now + .seconds(3_600), isSending: true)
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// Reads what has changed since the last time.
    ///
    /// - Returns: whether it came to the end of what there is before the deadline.
    func catchUp(until deadline: ContinuousClock.Instant, isSending: Bool = false) async -> Bool {
        while !Task.isCancelled, .now < deadline {
            let began = ContinuousClock.now
            // A gateway that does not answer is asked again the next time.
            guard
                let page = try? await client.orderChanges(after: cursor, limit: Self.page).value
            else { return false }
            cursor = page.next
            for order in page.orders { note(order, isSending: isSending) }
            guard page.hasMore else { return true }
            if isSending, open < 2 * most {
                try? await Task.sleep(for: began.duration(to: .now) * 3)
            }
        }
        return false
    }

    private var open: Int { tallies.reduce(0) { $0 + $1.open } }

    private func note(_ order: OrderRecord, isSending: Bool) {
        guard order.status == .paid || order.status == .failed else { return }
        let ending = LoadTally.Ending(
            isPaid: order.status == .paid, created: order.createdAt, ended: order.updatedAt)
        if tallies.dropFirst().contains(where: { $0.noteEnding(of: order.id, ending) }) { return }
        tallies.first?.noteEnding(of: order.id, ending, keeps: isSending)
    }
}
