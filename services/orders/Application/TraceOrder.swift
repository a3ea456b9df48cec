package import SharedKernel

/// Tells an order's life as far as Orders has stored it.
package struct TraceOrder: Sendable {
    private let traces: any OrderTraces

    /// - Parameter traces: where it is stored.
    package init(traces: any OrderTraces) { self.traces = traces }

    /// - Returns: the order's life, or nil.
    package func callAsFunction(_ order: OrderID) async throws -> OrderTrace? {
        try await traces.trace(of: order)
    }
}
