import SharedKernel

/// What the door said to an order.
enum OrderReply: Sendable, Equatable {
    case accepted(OrderID)
    /// Nothing was ordered; `503`, `429` or a gRPC code.
    case refused(String)
}
