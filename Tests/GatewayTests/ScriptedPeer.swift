import NIOCore
import NIOPosix
import Synchronization

/// A service that does exactly what a test says, byte by byte, on a free loopback port.
final class ScriptedPeer: Sendable {
    /// One accepted connection.
    struct Connection {
        private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var received = ""
        /// Counts from 0 in the order of accepting.
        let number: Int
        private let peer: ScriptedPeer

        fileprivate init(
            _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
            _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>, number: Int, peer: ScriptedPeer
        ) {
            self.inbound = inbound.makeAsyncIterator()
            self.outbound = outbound
            self.number = number
            self.peer = peer
        }

        /// Reads one whole request, head and body; nil where the caller closed.
        mutating func request() async throws -> String? {
            while true {
                if let end = received.range(of: "\r\n\r\n") {
                    let head = received[..<end.upperBound]
                    let length = Self.contentLength(head)
                    if received[end.upperBound...].utf8.count >= length {
                        let request = received
                        received = ""
                        peer.seen.withLock { $0.append(request) }
                        return request
                    }
                }
                guard let part = try await inbound.next(isolation: #isolation) else { return nil }
                received += String(buffer: part)
            }
        }

        func send(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text))
        }

        /// Waits until the caller closes.
        mutating func untilClosed() async throws {
            while try await inbound.next(isolation: #isolation) != nil {}
        }

        private static func contentLength(_ head: Substring) -> Int {
            for line in head.lowercased().split(separator: "\r\n")
            where line.hasPrefix("content-length:") {
                return Int(line.dropFirst("content-length:".count).filter(\.isNumber)) ?? 0
            }
            return 0
        }
    }

    typealias Script = @Sendable (inout Connection) async throws -> Void

    let port: Int
    private let seen = Mutex<[String]>([])

    /// Every whole request that came, in order.
    var requests: [String] { seen.withLock(\.self) }

    private init(port: Int) { self.port = port }

    /// Answers connections by the script while the body runs; a script's end closes its connection.
    static func open<Result: Sendable>(
        _ script: @escaping Script,
        _ body: @escaping @Sendable (ScriptedPeer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let peer = ScriptedPeer(port: listener.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { accepted in
                        var number = 0
                        for try await channel in accepted {
                            connections.addTask { [number] in
                                // A connection that breaks is what many tests are about.
                                try? await channel.executeThenClose { inbound, outbound in
                                    var connection = Connection(
                                        inbound, outbound, number: number, peer: peer)
                                    try await script(&connection)
                                }
                            }
                            number += 1
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(peer)
        }
    }

    /// Answers every request of every connection with the same response.
    static func answering(_ response: String) -> Script {
        { connection in
            while try await connection.request() != nil { try await connection.send(response) }
        }
    }

    /// A whole response with Content-Length.
    static func response(
        _ status: String = "200 OK", _ body: String = "{}", _ fields: String...
    ) -> String {
        let all = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + fields
        return all.joined(separator: "\r\n") + "\r\n\r\n" + body
    }
}

extension String {
    fileprivate func range(of needle: String) -> Range<Index>? { firstRange(of: needle) }
}
