import HTTPTypes
import JSON
import Metrics
import NIOCore
import NIOHTTPTypes

/// Refuses on the connection itself what the gate has no room for, keeping the connection.
///
/// A refusal that took its turn among the requests that were let in would hold them up, and under a
/// flood there are many more refusals than requests: here one costs a few microseconds of the
/// event loop and none of theirs. What slips through is refused by the gate.
final class OverloadRefusal: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What there is room for, and where refusals are counted.
    struct Door: Sendable {
        let requests: RequestGate
        let refusals: Counter
    }

    private let door: Door
    /// Requests that were passed on; answers keep their order.
    private var answersDue = 0
    private var isRefusing = false
    /// Whether the caller wants the connection closed after this answer.
    private var isLast = false
    /// The same for everybody but for the request's id: made once.
    private static let body = ByteBuffer(
        bytes: (["detail": HTTPFault.overloaded.detail] as JSONValue).encoded)
    private static let head: HTTPResponse = {
        var head = HTTPResponse(status: HTTPFault.overloaded.status)
        head.headerFields = HTTPFault.overloaded.headers
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = "\(body.readableBytes)"
        return head
    }()

    init(_ door: Door) { self.door = door }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isRefusing = answersDue == 0 && !door.requests.hasRoom && mayRefuse(head)
            if !isRefusing { answersDue += 1 }
            isLast = head.headerFields[.connection]?.lowercased() == "close"
        case .body: break
        case .end where isRefusing:
            isRefusing = false
            return refuse(context)
        case .end: break
        }
        if !isRefusing { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { answersDue = max(0, answersDue - 1) }
        context.write(data, promise: promise)
    }

    /// An answer to HEAD has no body, and who waits for `100 Continue` would wait in vain.
    private func mayRefuse(_ head: HTTPRequest) -> Bool {
        head.method != .head && head.headerFields[.expect] == nil && !head.isObservation
    }

    private func refuse(_ context: ChannelHandlerContext) {
        var head = Self.head
        head.headerFields[.requestID] = newRequestID()
        if isLast { head.headerFields[.connection] = "close" }
        door.refusals.increment()
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(Self.body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
