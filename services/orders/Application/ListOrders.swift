package import OrdersDomain
import SharedKernel

/// Lists orders, newest first, a page at a time, and counts them.
package struct ListOrders: Sendable {
    private let orders: any OrderRepository

    /// - Parameter orders: where the orders are.
    package init(orders: any OrderRepository) { self.orders = orders }

    /// A page, and where the next one begins.
    package struct Page: Sendable {
        /// Newest first.
        package let orders: [Order]
        /// The query of the next page; nil where this is the last.
        package let next: OrderQuery?
    }

    /// Reads one row more than asked for: it tells whether a next page exists.
    package func callAsFunction(_ query: OrderQuery) async throws -> Page {
        var wider = query
        wider.limit += 1
        let found = try await orders.list(wider)
        guard found.count > query.limit else { return Page(orders: found, next: nil) }
        let page = Array(found.prefix(query.limit))
        var next = query
        next.before = page.last?.id
        return Page(orders: page, next: next)
    }

    /// How many orders stand how.
    package func summary() async throws -> OrderSummary { try await orders.summary() }
}
