import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOSSL
import NIOTLS

extension Channel {
    /// Makes a connection of the gRPC door of this, on its event loop.
    func configure(
        _ configuration: RPCTransport.Configuration, _ tls: NIOSSLContext?, _ door: CallDoor
    ) throws {
        let pipeline = pipeline.syncOperations
        if let tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
            try pipeline.addHandler(NegotiatedProtocolCheck())
        }
        let life = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: eventLoop,
            configuration: .init(
                maxIdleTime: TimeAmount(configuration.idleTime), maxAge: nil,
                maxGraceTime: TimeAmount(configuration.graceTime),
                keepalive: .init(
                    pingInterval: TimeAmount(configuration.pingInterval), ackTimeout: .seconds(20)))
        )
        var http2 = NIOHTTP2Handler.ConnectionConfiguration()
        http2.initialSettings = [
            HTTP2Setting(
                parameter: .maxConcurrentStreams, value: configuration.streamsPerConnection),
            HTTP2Setting(
                parameter: .maxHeaderListSize, value: HPACKDecoder.defaultMaxHeaderListSize),
        ]
        // Some clients measure a connection by a ping for each answer: room for 200 a second.
        http2.controlFrameRateLimit.maximumCount = 6_000
        try pipeline.addHandler(FlushGathering())
        try pipeline.addHandler(
            NIOHTTP2Handler(
                mode: .server, eventLoop: eventLoop, connectionConfiguration: http2,
                streamDelegate: life.http2StreamDelegate
            ) { stream in
                stream.eventLoop.makeCompletedFuture { try door.open(stream) }
            })
        try pipeline.addHandler(ConnectionEnd(graceTime: TimeAmount(configuration.graceTime)))
        try pipeline.addHandler(life)
    }
}

/// Closes a connection whose peer speaks TLS, but not HTTP/2 (RFC 9113, section 3.2).
private final class NegotiatedProtocolCheck: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent, negotiated != "h2" {
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }
}

/// Makes one write of what a turn of the event loop has for a connection: a batch of calls is
/// answered stream by stream.
private final class FlushGathering: ChannelOutboundHandler {
    typealias OutboundIn = IOData

    private var isDue = false

    func flush(context: ChannelHandlerContext) {
        guard !isDue else { return }
        isDue = true
        context.eventLoop.assumeIsolated().execute { self.flushNow(context) }
    }

    private func flushNow(_ context: ChannelHandlerContext) {
        guard isDue else { return }
        isDue = false
        context.flush()
    }

    /// What was said last is heard.
    func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        flushNow(context)
        context.close(mode: mode, promise: promise)
    }
}

/// Ends a connection that has failed, or that is still there when its time after the goodbye is
/// over: a peer that does not answer to it, or takes no answers, does not keep its place.
private final class ConnectionEnd: ChannelDuplexHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundIn = HTTP2Frame

    private let graceTime: TimeAmount
    private var context: ChannelHandlerContext?
    /// Since the goodbye.
    private var grace: NIOScheduledCallback?
    private var isClosing = false

    init(graceTime: TimeAmount) { self.graceTime = graceTime }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        grace?.cancel()
        self.context = nil
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if grace == nil, case .goAway = unwrapOutboundIn(data).payload {
            // Fails on a loop that has ended, which no connection outlives.
            grace = try? context.eventLoop.assumeIsolated().scheduleCallback(
                in: graceTime, handler: self)
        }
        context.write(data, promise: promise)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) { context?.close(promise: nil) }

    /// After the goodbye, what was answered last is on its way before the connection is closed.
    func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        guard mode == .all, grace != nil, !isClosing else {
            return context.close(mode: mode, promise: promise)
        }
        isClosing = true
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.close(mode: .output).whenComplete { _ in bound.value.close(promise: promise) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        // A stream's own.
        case is NIOHTTP2Errors.StreamError: break
        // Of a call that was on its way when this side said goodbye.
        case is NIOHTTP2Errors.NoSuchStream where grace != nil: break
        default: context.close(promise: nil)
        }
    }
}
