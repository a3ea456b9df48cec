import KassaClient
import SharedKernel

/// Follows the orders to their ends by the feed of changes, which tells each order about once when
/// it is read seldom.
struct OrderFollower: Sendable {
    let client: GatewayClient
    let tally: LoadTally
    private static let page = 1_000

    /// The cursor of now: taken before the first order is sent.
    func start() async throws(CallFailure) -> String {
        try await client.orderChanges(after: nil, limit: 1).value.next
    }

    /// Reads on until cancelled; a gateway that does not answer is asked again.
    func run(from start: String) async {
        var cursor = start
        while !Task.isCancelled {
            if let page = try? await client.orderChanges(after: cursor, limit: Self.page).value {
                cursor = page.next
                page.orders.forEach(note)
                if page.hasMore { continue }
            }
            try? await Task.sleep(for: .milliseconds(500) * Double.random(in: 0.8...1.2))
        }
    }

    private func note(_ order: OrderRecord) {
        guard order.status == .paid || order.status == .failed else { return }
        tally.noteEnding(
            of: order.id,
            LoadTally.Ending(
                isPaid: order.status == .paid, created: order.createdAt, ended: order.updatedAt))
    }
}
