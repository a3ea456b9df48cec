import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Synchronization

/// HTTP/1.1, bounded on every side: Hummingbird's channel with a ``ConnectionGuard``, and, where
/// requests are still as they came, a ``RequestHeadGuard``, a ``RequestAdmission`` and, where the
/// door has shortcuts, a ``DirectAnswering``.
struct GuardedHTTP1Channel: ServerChildChannel {
    private let base: HTTP1Channel
    private let limits: HTTPServer.Limits
    private let admission: RequestAdmission.Door
    private let shortcuts: DirectAnswering.Door
    private let logger: Logger

    /// - Parameters:
    ///   - admission: what there is room for.
    ///   - shortcuts: what is answered without a task.
    ///   - answer: from a request to the response on its connection.
    init(
        _ limits: HTTPServer.Limits, admission: RequestAdmission.Door,
        shortcuts: DirectAnswering.Door, logger: Logger,
        answer: @escaping HTTPChannelHandler.Responder
    ) {
        self.limits = limits
        self.admission = admission
        self.shortcuts = shortcuts
        self.logger = logger
        let connections = ConnectionCount(limit: limits.connections)
        base = HTTP1Channel(
            responder: answer,
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    ConnectionGuard(limits, connections, logger: logger)
                ],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: max(limits.headerBytes, limits.targetBytes),
                    // The decoder counts the target among the header's bytes.
                    maxHeaderListSize: limits.headerBytes + limits.targetBytes,
                    maxHeaderFieldCount: limits.headerFields)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            let bytes = ByteSide()
            try channel.pipeline.syncOperations.addHandler(bytes)
            return NIOLoopBound(bytes, eventLoop: channel.eventLoop)
        }.flatMap { bytes in
            base.setup(channel: channel, logger: logger).flatMapThrowing { value in
                let pipeline = channel.pipeline.syncOperations
                let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
                let connection = try pipeline.handler(type: ConnectionGuard.self)
                let admission = RequestAdmission(admission, of: connection, bytes: bytes.value)
                try pipeline.addHandlers(
                    [
                        RequestHeadGuard(targetBytes: limits.targetBytes, bytes: bytes.value),
                        admission,
                    ],
                    position: .before(codec))
                if !shortcuts.routes.isEmpty {
                    try pipeline.addHandler(
                        DirectAnswering(
                            shortcuts, of: connection, admission, bytes: bytes.value,
                            logger: self.logger),
                        position: .before(codec))
                }
                return value
            }
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// How many connections a door has.
final class ConnectionCount: Sendable {
    private let limit: Int
    private let open = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    /// Counts one more; false where it is beyond the limit.
    func enter() -> Bool { open.add(1, ordering: .relaxed).newValue <= limit }

    func leave() { open.subtract(1, ordering: .relaxed) }
}
