package import OrdersDomain

/// A place in the feed of changed orders. Its text means something to the feed alone.
package struct OrderCursor: Hashable, Sendable {
    /// ASCII without white space; at most some kilobytes.
    package let text: String

    /// - Parameter text: as a feed gave it, or whatever a caller takes for one: reading the feed
    ///   tells which.
    package init(_ text: String) { self.text = text }
}

/// Some orders that were created or changed, and where to go on.
package struct OrderFeedPage: Sendable {
    /// As they stand now, oldest change first, each once.
    package let orders: [Order]
    /// Reading on from here misses nothing.
    package let next: OrderCursor
    /// Whether more is there already.
    package let hasMore: Bool

    /// - Parameters: as the properties.
    package init(orders: [Order], next: OrderCursor, hasMore: Bool) {
        self.orders = orders
        self.next = next
        self.hasMore = hasMore
    }
}

/// The cursor is none of this feed's: garbled, or from another life of the database.
package struct UnknownOrderCursor: Error {
    package init() {}
}

/// Orders as they change, for readers that hold a copy.
package protocol OrderFeed: Sendable {
    /// Where the feed stands now: what is committed later, or merely becomes visible later, comes
    /// after it.
    func end() async throws -> OrderCursor

    /// What was created or changed since `cursor`, in a page of at most `limit` (1 to 1,000).
    ///
    /// An order that changes again is given again, and may be given twice without a change: its
    /// reader goes by the id.
    ///
    /// - Throws: ``UnknownOrderCursor``.
    func changes(after cursor: OrderCursor, limit: Int) async throws -> OrderFeedPage
}
