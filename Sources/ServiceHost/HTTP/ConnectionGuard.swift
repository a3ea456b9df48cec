import HTTPTypes
import JSON
import NIOCore
import NIOHTTPTypes

/// A request's body did not end in time; becomes 408.
package struct BodyDeadlineExceeded: Error {}

/// What Hummingbird leaves to us on a connection: a deadline on the whole body (its idle timeout
/// starts anew with each byte), closing after a response that says `Connection: close`, and the
/// error shape for bytes that are no HTTP.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let bodyDeadline: TimeAmount
    private var bodyTimer: Scheduled<Void>?
    private var closesAfterResponse = false
    private var isReadingOn = true
    /// How long the caller has to read a last response before its connection goes.
    private static let lingering = TimeAmount.seconds(1)

    init(bodyDeadline: TimeAmount) { self.bodyDeadline = bodyDeadline }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            startTimer(context)
        case .body:
            break
        case .end:
            stopTimer()
        }
        // After the last response the rest of a body is not worth anybody's memory.
        if isReadingOn { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if head.headerFields[.connection] == "close" { closesAfterResponse = true }
            if head.status == .badRequest, head.headerFields[.contentLength] == "0" {
                writeMalformed(context, head, promise)
            } else {
                context.write(data, promise: promise)
            }
        case .end where closesAfterResponse:
            context.write(data, promise: promise)
            context.flush()
            close(context)
        default:
            context.write(data, promise: promise)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimer()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stopTimer() }

    private func startTimer(_ context: ChannelHandlerContext) {
        stopTimer()
        bodyTimer = context.eventLoop.assumeIsolated().scheduleTask(in: bodyDeadline) {
            context.fireErrorCaught(BodyDeadlineExceeded())
        }
    }

    private func stopTimer() {
        bodyTimer?.cancel()
        bodyTimer = nil
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

    private func writeMalformed(
        _ context: ChannelHandlerContext, _ head: HTTPResponse, _ promise: EventLoopPromise<Void>?
    ) {
        let body: JSONValue = ["detail": "Malformed HTTP request"]
        let bytes = ByteBuffer(bytes: body.encoded)
        var head = head
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = String(bytes.readableBytes)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(bytes)), promise: promise)
    }
}
