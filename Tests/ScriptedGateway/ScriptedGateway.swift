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
        /// The same, but only after so many milliseconds.
        indirect case later(milliseconds: Int64, Reply)
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
    private let seen: Seen

    /// Every request that came, in order.
    package var requests: [Request] { seen.requests.withLock(\.self) }

    private init(port: Int, seen: Seen) {
        url = "http://127.0.0.1:\(port)"
        self.seen = seen
    }

    /// Answers by `script`, which is called for each request, while `body` runs; then every
    /// connection ends.
    ///
    /// - Parameter port: where to listen; 0 for any that is free.
    @discardableResult
    package static func open<Result: Sendable>(
        port: Int = 0, _ script: @escaping @Sendable (Request) -> Reply,
        _ body: @escaping @Sendable (ScriptedGateway) async throws -> Result
    ) async throws -> Result {
        let seen = Seen()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                seen.connections.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Conversation(script: script, seen: seen))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let gateway = ScriptedGateway(port: listener.localAddress?.port ?? 0, seen: seen)
        do {
            let result = try await body(gateway)
            await seen.close(listener)
            return result
        } catch {
            await seen.close(listener)
            throw error
        }
    }

    /// The same answer for every request.
    package static func answering<Result: Sendable>(
        _ reply: Reply, _ body: @escaping @Sendable (ScriptedGateway) async throws -> Result
    ) async throws -> Result {
        try await open({ _ in reply }, body)
    }
}

/// The requests of all connections, and the connections.
private final class Seen: Sendable {
    let requests = Mutex<[ScriptedGateway.Request]>([])
    let connections = Mutex<[any Channel]>([])

    /// Nothing is accepted any more, and what was is closed, as when a gateway ends.
    func close(_ listener: any Channel) async {
        try? await listener.close()
        for connection in connections.withLock(\.self) { try? await connection.close() }
    }
}

/// One connection, on its event loop.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: @Sendable (ScriptedGateway.Request) -> ScriptedGateway.Reply
    private let seen: Seen
    private var received: [UInt8] = []

    init(
        script: @escaping @Sendable (ScriptedGateway.Request) -> ScriptedGateway.Reply, seen: Seen
    ) {
        self.script = script
        self.seen = seen
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += Array(unwrapInboundIn(data).readableBytesView)
        while let request = ScriptedGateway.Request(takenFrom: &received) {
            seen.requests.withLock { $0.append(request) }
            reply(script(request), context)
        }
    }

    private func reply(_ reply: ScriptedGateway.Reply, _ context: ChannelHandlerContext) {
        switch reply {
        case .answer(let status, let body, let headers):
            let head = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
            send(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8), context)
        case .raw(let bytes):
            send(bytes, context)
            context.close(promise: nil)
        case .stall(let bytes): send(bytes, context)
        case .later(let milliseconds, let later):
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.value.eventLoop)
            context.value.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                handler.value.reply(later, context.value)
            }
        }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    /// A caller that breaks off is what many tests are about.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ScriptedGateway.Request {
    /// Takes one whole request off the front; nil while it is not whole.
    fileprivate init?(takenFrom received: inout [UInt8]) {
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
        self.init(
            line: lines[0].split(separator: " ").prefix(2).joined(separator: " "),
            headers: headers, body: body)
    }
}
