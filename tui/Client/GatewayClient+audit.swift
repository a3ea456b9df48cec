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
}
