import GatewayInfrastructure
import HTTPTypes
import JSON
import NIOCore

/// An audit's way to the services: each page from the one that has it.
struct AuditPages: Sendable {
    let client: UpstreamClient
    let orders: Upstream
    let payments: Upstream

    /// More than the largest page: 1,000 rows.
    private static let sizeLimit = 8 << 20

    func ask(_ target: String) async throws -> JSONValue {
        let upstream = target.hasPrefix("/audit/orders") ? orders : payments
        let answer = try await client.send(
            UpstreamRequest(method: .get, target: target), to: upstream)
        guard answer.status == .ok else {
            throw NoAuditPage(
                description: "\(upstream.name) service answered \(answer.status.code)")
        }
        var bytes: [UInt8] = []
        switch answer.body {
        case .whole(let buffer): bytes = Array(buffer.readableBytesView)
        case .streamed(_, let parts):
            for try await part in parts {
                bytes += part.readableBytesView
                guard bytes.count <= Self.sizeLimit else {
                    throw NoAuditPage(description: "\(upstream.name) service's page is too long")
                }
            }
        }
        return try JSONValue(parsing: bytes)
    }
}

/// A service did not show a page.
private struct NoAuditPage: Error, CustomStringConvertible {
    let description: String
}
