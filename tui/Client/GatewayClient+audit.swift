package import JSON
import NIOHTTP1

extension GatewayClient {
    /// Asks for any JSON, as an audit reads its pages.
    ///
    /// - Parameter target: path and query, encoded.
    /// - Throws: ``CallFailure``.
    package func json(_ target: String) async throws(CallFailure) -> JSONValue {
        try await call(.GET, target).json()
    }

    /// An order's life, step by step.
    ///
    /// - Throws: ``CallFailure``; 404 for one that does not exist.
    package func trace(of order: String) async throws(CallFailure) -> JSONValue {
        try await json("/orders/\(PercentEncoding.encode(order))/trace")
    }
}
