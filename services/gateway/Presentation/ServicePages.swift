import Access
import GatewayInfrastructure
import HTTPTypes
import JSON
import NIOCore

/// Reads what a service shows, for answers that the gateway makes itself.
struct ServicePages: Sendable {
    let client: UpstreamClient
    let upstream: Upstream

    /// More than the largest page: 1,000 rows.
    private static let sizeLimit = 8 << 20

    /// - Parameters:
    ///   - target: path and query, encoded.
    ///   - caller: for whom it is read.
    /// - Throws: `UpstreamFault`, or ``NoPage`` for an answer that is not 200.
    func get(_ target: String, for caller: Caller = .anonymous) async throws -> JSONValue {
        let answer = try await client.send(
            UpstreamRequest(method: .get, target: target, caller: caller), to: upstream)
        guard answer.status == .ok else {
            throw NoPage(
                status: answer.status,
                description: "\(upstream.name) service answered \(answer.status.code)")
        }
        var bytes: [UInt8] = []
        switch answer.body {
        case .whole(let buffer): bytes = Array(buffer.readableBytesView)
        case .streamed(_, let parts):
            for try await part in parts {
                bytes += part.readableBytesView
                guard bytes.count <= Self.sizeLimit else {
                    throw NoPage(
                        status: .ok, description: "\(upstream.name) service's page is too long")
                }
            }
        }
        return try JSONValue(parsing: bytes)
    }
}

/// A service did not show a page.
struct NoPage: Error, CustomStringConvertible {
    let status: HTTPResponse.Status
    let description: String
}
