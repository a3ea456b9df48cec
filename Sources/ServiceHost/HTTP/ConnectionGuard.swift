import HTTPTypes
import JSON
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A request's body did not end in time; becomes 408.
package struct BodyDeadlineExceeded: Error {}

/// What Hummingbird leaves to us on a connection, or knows too little for: deadlines on a request's
/// head, its body and the taking of its answer, and on a connection that lies idle; closing after a
/// response that says `Connection: close`, the limit on connections, the error shape for what is
/// refused before any route sees it, and a shutdown that cuts nobody off: the next response says
/// that the connection closes, and one that lies idle has a moment to bring a request that may be
/// on its way.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let connections: ConnectionCount
    private let logger: Logger
    private var watch: ConnectionWatch
    private let tick: TimeAmount
    private var ticking: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    private var isCounted = false
    private var isWithinLimit = true
    private var closesAfterResponse = false
    private var isDraining = false
    private var isReadingOn = true
    private var refusal = RequestRefusal.malformed
    private var written = 0
    /// How long the caller has to read a last response before its connection goes.
    private static let lingering = TimeAmount.seconds(1)

    init(_ limits: HTTPServer.Limits, _ connections: ConnectionCount, logger: Logger) {
        self.connections = connections
        self.logger = logger
        watch = ConnectionWatch(limits)
        tick = TimeAmount(watch.tick)
    }

    // MARK: Life.

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isCounted else { return }
        isCounted = true
        isWithinLimit = connections.enter()
        watch.opened(isWithinLimit: isWithinLimit, at: .now)
        keepLooking(context)
        lookAtClosing(context)
    }

    /// One timer for a connection, not some for each request: it looks a few times in the shortest
    /// deadline.
    private func keepLooking(_ context: ChannelHandlerContext) {
        ticking = context.eventLoop.assumeIsolated().scheduleTask(in: tick) {
            self.look(context)
            if self.isCounted { self.keepLooking(context) }
        }
    }

    /// The few connections that are about to close are looked at in time.
    private func lookAtClosing(_ context: ChannelHandlerContext) {
        guard let moment = watch.closesUnlessAsked else { return }
        let rest = TimeAmount(moment - .now) + .milliseconds(1)
        context.eventLoop.assumeIsolated().scheduleTask(in: rest) {
            if self.isCounted { self.look(context) }
        }
    }

    private func end() {
        ticking?.cancel()
        ticking = nil
        if isCounted { connections.leave() }
        isCounted = false
    }

    /// Hummingbird would close an idle connection at once, with a request that lies unread in it.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        isDraining = true
        drain(context)
    }

    private func drain(_ context: ChannelHandlerContext) {
        watch.drains(at: .now)
        lookAtClosing(context)
    }

    // MARK: Requests.

    /// Whether a request that comes now may be answered in front of this guard: not while answers
    /// are due, which keep their order, nor where this one has something to say of the connection.
    var letsAnswerInFront: Bool {
        watch.answersDue == 0 && isReadingOn && isWithinLimit && !isDraining && !closesAfterResponse
    }

    /// A request has begun that is refused in front of this guard.
    func refusalBegan() { watch.headEnded(at: .now) }

    /// That request has ended, and its answer is on its way.
    func refusalEnded(with bytes: Int) {
        written += bytes
        watch.requestEnded()
        watch.answered(at: .now)
    }

    /// A request came and was refused before it was decoded; nothing else came with it.
    func plainRequestRefused(with bytes: Int) {
        written += bytes
        let now = ContinuousClock.now
        watch.headEnded(at: now)
        watch.requestEnded()
        watch.answered(at: now)
        watch.bytesCame(at: now)
    }

    /// A whole request was taken that is answered in front of this guard.
    func requestTaken() {
        watch.headEnded(at: .now)
        watch.requestEnded()
    }

    /// Bytes were read that are kept back in front of this guard, until that answer is out.
    func partKeptBack() { watch.bodyCame() }

    /// Whether that answer is to say that the connection ends with it.
    var endsWithNextAnswer: Bool { isDraining }

    /// That answer is on its way.
    func takenRequestAnswered(with bytes: Int) {
        written += bytes
        watch.answered(at: .now)
        if isDraining, let context {
            closesAfterResponse = true
            close(context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After the last response the rest of a body is not worth anybody's memory.
        guard isReadingOn else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            watch.headEnded(at: .now)
            guard isWithinLimit || head.isObservation else {
                return refuse(.tooManyConnections, context)
            }
        case .body: watch.bodyCame()
        case .end: watch.requestEnded()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        watch.bytesCame(at: .now)
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let refusal as RequestRefusal: refuse(refusal, context)
        case is HTTP1TypeConversionError: refuse(.malformed, context)
        default: context.fireErrorCaught(error)
        }
    }

    /// In the words of the decoder, so that the server answers what came before, then says 400 and
    /// ends; ``write(context:data:promise:)`` makes of it what was meant.
    private func refuse(_ refusal: RequestRefusal, _ context: ChannelHandlerContext) {
        guard isReadingOn else { return }
        isReadingOn = false
        self.refusal = refusal
        context.fireErrorCaught(HTTPParserError.unknown)
    }

    // MARK: Answers.

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isDraining { head.headerFields[.connection] = "close" }
            let isRefusal =
                head.status == .badRequest && head.headerFields[.contentLength] == "0"
            if isRefusal || !isWithinLimit || head.headerFields[.connection] == "close" {
                closesAfterResponse = true
            }
            if isRefusal {
                writeRefusal(context, promise)
            } else {
                context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
        case .body(let bytes):
            written += bytes.readableBytes
            context.write(data, promise: promise)
        case .end:
            watch.answered(at: .now)
            context.write(data, promise: promise)
            if closesAfterResponse {
                context.flush()
                close(context)
            } else if isDraining {
                drain(context)
            }
        }
    }

    /// Half-closes first: closing at once with unread bytes would make the kernel reset the
    /// connection, and the caller would never see the response.
    private func close(_ context: ChannelHandlerContext) {
        isReadingOn = false
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) {
            context.close(promise: nil)
        }
    }

    private func writeRefusal(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?)
    {
        let body: JSONValue = ["detail": .string(refusal.detail)]
        let bytes = ByteBuffer(bytes: body.encoded)
        let id = newRequestID()
        logger.debug(
            "request refused",
            metadata: [
                "request_id": "\(id)", "status": "\(refusal.status.code)",
                "reason": "\(refusal.detail)",
            ])
        var head = HTTPResponse(status: refusal.status)
        head.headerFields[.requestID] = id
        head.headerFields[.connection] = "close"
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = String(bytes.readableBytes)
        if refusal.status == .serviceUnavailable { head.headerFields[.retryAfter] = "1" }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(bytes)), promise: promise)
    }

    // MARK: Time.

    private func look(_ context: ChannelHandlerContext) {
        let waiting = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        switch watch.verdict(at: .now, written: written, waiting: waiting ?? 0) {
        case .fine: break
        case .headTooSlow: refuse(.headTooSlow, context)
        case .bodyTooSlow: context.fireErrorCaught(BodyDeadlineExceeded())
        case .close: context.close(promise: nil)
        }
    }
}

extension HTTPRequest {
    /// Whether it asks how the daemon is: what must be answered when nothing else can be.
    var isObservation: Bool { path.map(isObservationPath) ?? false }
}

/// Whether a request's target asks how the daemon is.
func isObservationPath(_ path: String) -> Bool {
    ["/health", "/ready", "/metrics", "/health/", "/ready/", "/metrics/"].contains(path)
}
