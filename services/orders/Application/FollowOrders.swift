/// Tells a reader which orders were created or changed since it last asked.
package struct FollowOrders: Sendable {
    private let feed: any OrderFeed

    /// - Parameter feed: the orders as they change.
    package init(feed: any OrderFeed) { self.feed = feed }

    /// The next page; without a cursor an empty one, from whose cursor on nothing is missed.
    ///
    /// - Parameter limit: 1 to 1,000.
    /// - Throws: ``UnknownOrderCursor``.
    package func callAsFunction(
        after cursor: OrderCursor?, limit: Int
    ) async throws -> OrderFeedPage {
        guard let cursor else {
            return OrderFeedPage(orders: [], next: try await feed.end(), hasMore: false)
        }
        return try await feed.changes(after: cursor, limit: limit)
    }
}
