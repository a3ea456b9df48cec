import JSON
import NIOHTTP1
import SharedKernel
import TestShop

/// Watches orders through the gateway, as a screen does: when they end, and that no end changes.
actor Watcher {
    private let shop: Shop
    private var cursor: String?
    private var watching: Task<Void, Never>?
    /// The last status of each order that was seen.
    private(set) var statuses: [String: String] = [:]
    /// Orders that ended, and then were something else.
    private(set) var flipped: [String] = []
    private var wanted: (since: String, first: String?)?

    init(_ shop: Shop) { self.shop = shop }

    /// Watches until ``stop()``.
    func start() {
        watching = Task {
            while !Task.isCancelled {
                // Faults of the way are what the run is about: it is asked again.
                let hasMore = (try? await look()) ?? false
                if !hasMore { await pause(.milliseconds(50)) }
            }
        }
    }

    func stop() async {
        watching?.cancel()
        await watching?.value
    }

    /// How long after this moment, by the database's clock, which is this machine's, the next order
    /// ended; nil where none did within the limit.
    func nextEnd(after moment: Timestamp, within limit: Duration) async -> Duration? {
        wanted = (moment.description, nil)
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if let first = wanted?.first.flatMap(Timestamp.init(rfc3339:)) {
                return .microseconds(first.microseconds - moment.microseconds)
            }
            await pause(.milliseconds(20))
        }
        return nil
    }

    private func look() async throws -> Bool {
        let answer = try await shop.call(
            .GET, "/orders/changes?limit=1000" + (cursor.map { "&after=\($0)" } ?? ""))
        guard answer.status == 200, let next = answer["next"] else { return false }
        for order in answer.json["orders"]?.array ?? [] { see(order) }
        cursor = next
        return answer.json["more"] == .boolean(true)
    }

    private func see(_ order: JSONValue) {
        guard let id = order["order_id"]?.string, let status = order["status"]?.string,
            let time = order["updated_at"]?.string
        else { return }
        let last = statuses.updateValue(status, forKey: id)
        if let last, last != "PENDING", last != status {
            flipped.append("\(id): \(last), \(status)")
        }
        // Text of this form sorts as time does.
        guard status != "PENDING", let wanted, time >= wanted.since else { return }
        self.wanted?.first = min(wanted.first ?? time, time)
    }
}
