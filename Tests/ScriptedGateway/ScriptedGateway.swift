import NIOCore
import NIOPosix
import Synchronization

/// A gateway that answers, byte by byte, what a test says, on a free loopback port.
package final class ScriptedGateway: Sendable {
    /// What becomes of one request.
    package enum Reply: Sendable {
        /// A whole answer; the connection stays.
        case answer(status: Int = 200, String, headers: [String] = [])
        /// These bytes, then the end of the connection.
        case raw([UInt8])
        /// These bytes, then nothing for as long as the caller waits.
        case stall([UInt8] = [])
    }

    /// A request as it came.
    package struct Request: Sendable {
        /// Such as `GET /orders?limit=1`.
        package let line: String
        /// By lower-case name.
        package let headers: [String: String]
        package let body: String
    }

    package let url: String
    private let seen = Mutex<[Request]>([])

    /// Every request that came, in order.
    package var requests: [Request] { seen.withLock(\.self) }

    private init(port: Int) { url = "http://127.0.0.1:\(port)" }

    /// Answers by `script`, which is called for each request, while `body` runs.
    package static func open<Result: Sendable>(
        _ script: @escaping @Sendable (Request) -> Reply,
        _ body: @escaping @Sendable (ScriptedGateway) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let gateway = ScriptedGateway(port: listener.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { accepted in
                        for try await channel in accepted {
                            // A connection that breaks is what many tests are about.
                            connections.addTask { try? await gateway.serve(channel, script) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(gateway)
        }
    }

    /// The same answer for every request.
    package static func answering<Result: Sendable>(
        _ reply: Reply, _ body: @escaping @Sendable (ScriptedGateway) async throws -> Result
    ) async throws -> Result {
        try await open({ _ in reply }, body)
    }

    private func serve(
        _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        _ script: @Sendable (Request) -> Reply
    ) async throws {
        try await channel.executeThenClose { inbound, outbound in
            var received: [UInt8] = []
            for try await part in inbound {
                received += Array(part.readableBytesView)
                while let request = Self.request(from: &received) {
                    seen.withLock { $0.append(request) }
                    switch script(request) {
                    case .answer(let status, let body, let headers):
                        let head =
                            ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
                        let text = head.joined(separator: "\r\n") + "\r\n\r\n" + body
                        try await outbound.write(ByteBuffer(string: text))
                    case .raw(let bytes):
                        return try await outbound.write(ByteBuffer(bytes: bytes))
                    case .stall(let bytes):
                        try await outbound.write(ByteBuffer(bytes: bytes))
                    }
                }
            }
        }
    }

    /// Takes one whole request off the front; nil while it is not whole.
    private static func request(from received: inout [UInt8]) -> Request? {
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        let start = text[..<end.upperBound].utf8.count
        guard received.count >= start + length else { return nil }
        let body = String(decoding: received[start..<start + length], as: UTF8.self)
        received.removeFirst(start + length)
        let line = lines[0].split(separator: " ").prefix(2).joined(separator: " ")
        return Request(line: line, headers: headers, body: body)
    }
}
