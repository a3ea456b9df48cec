package import SharedKernel

/// Tells an order's life as far as Payments has stored it.
package struct TraceCharge: Sendable {
    private let traces: any ChargeTraces

    /// - Parameter traces: where it is stored.
    package init(traces: any ChargeTraces) { self.traces = traces }

    /// - Returns: the order's life here, which may be empty.
    package func callAsFunction(_ order: OrderID) async throws -> ChargeTrace {
        try await traces.trace(of: order)
    }
}
