import Access
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import SharedKernel

/// Answers requests of ``DirectRoute``s on the connection itself. One that comes whole with one
/// look at the socket is worth no task: what lies between the bytes and its route, and the changes
/// of task on the way in and out, cost more than its work.
///
/// Whatever is unusual about a request leaves it to the ordinary way, before anything was done for
/// it. What a connection brings while such an answer is due is kept back, and nothing more is read.
final class DirectAnswering: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What a door answers in this way.
    struct Door: Sendable {
        /// By their paths.
        let routes: [String: DirectRoute]
        let keeper: Doorkeeper
        let requests: RequestGate
        let gate: StartGate?
    }

    private enum State {
        case idle
        /// A request has begun that may be answered here.
        case receiving(DirectRoute, HTTPRequestHead, ByteBuffer?)
        case answering
    }

    /// What came while an answer was due.
    private enum KeptBack {
        case part(HTTPServerRequestPart)
        case error(any Error)
        case event(Any)
    }

    private let door: Door
    private let connection: ConnectionGuard
    private let admission: RequestAdmission
    private let bytes: ByteSide
    private let logger: Logger
    private var state = State.idle
    private var keptBack = CircularBuffer<KeptBack>(initialCapacity: 1)
    private var isReadKeptBack = false
    private var context: ChannelHandlerContext?

    /// - Parameters:
    ///   - connection: the guard of the same connection; it keeps its deadlines.
    ///   - admission: which gave the request its place.
    ///   - bytes: the side of it where answers go out.
    init(
        _ door: Door, of connection: ConnectionGuard, _ admission: RequestAdmission,
        bytes: ByteSide, logger: Logger
    ) {
        self.door = door
        self.connection = connection
        self.admission = admission
        self.bytes = bytes
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(unwrapInboundIn(data), context)
    }

    private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.answering, _):
            connection.partKeptBack()
            keptBack.append(.part(part))
        case (_, .head(let head)):
            if let route = route(for: head) {
                state = .receiving(route, head, nil)
            } else {
                context.fireChannelRead(wrapInboundOut(part))
            }
        case (.receiving(let route, let head, var body), .body(var more)):
            if body?.writeBuffer(&more) == nil { body = more }
            state = .receiving(route, head, body)
            if body?.readableBytes ?? 0 > DirectRoute.bodyLimit { passOn(context) }
        case (.receiving(let route, let head, let body), .end(nil)):
            if !begin(route, head, body ?? ByteBuffer(), context) {
                passOn(context)
                context.fireChannelRead(wrapInboundOut(part))
            }
        default:
            passOn(context)
            context.fireChannelRead(wrapInboundOut(part))
        }
    }

    /// One that does not come whole at once is none of this handler's: others watch its deadline.
    func channelReadComplete(context: ChannelHandlerContext) {
        passOn(context)
        context.fireChannelReadComplete()
    }

    /// Hands on what was received of a request.
    private func passOn(_ context: ChannelHandlerContext) {
        guard case .receiving(_, let head, let body) = state else { return }
        state = .idle
        context.fireChannelRead(wrapInboundOut(.head(head)))
        if let body { context.fireChannelRead(wrapInboundOut(.body(body))) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        passOn(context)
        guard case .answering = state else { return context.fireErrorCaught(error) }
        keptBack.append(.error(error))
    }

    /// Such as the end of what the caller sends, who may still wait for his answer. A shutdown is
    /// told at once: the answer has to say so.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        passOn(context)
        guard case .answering = state, !(event is ChannelShouldQuiesceEvent) else {
            return context.fireUserInboundEventTriggered(event)
        }
        keptBack.append(.event(event))
    }

    func channelInactive(context: ChannelHandlerContext) {
        passOn(context)
        keptBack.removeAll()
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        guard case .answering = state else { return context.read() }
        isReadKeptBack = true
    }

    // MARK: Requests

    private func route(for head: HTTPRequestHead) -> DirectRoute? {
        guard head.method == .POST, head.version == .http1_1, connection.letsAnswerInFront
        else { return nil }
        return door.routes[head.uri]
    }

    /// Begins to answer a request; false where it has to go the ordinary way, with nothing done.
    private func begin(
        _ route: DirectRoute, _ head: HTTPRequestHead, _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) -> Bool {
        guard connection.letsAnswerInFront, door.gate?.isOpen ?? true,
            var fields = HTTPFields(routed: head.headers)
        else { return false }
        let visit = door.keeper.visit(fields)
        fields.set(visit.correlation)
        guard let caller = try? visit.caller(needing: .operator) else { return false }
        let request = BufferedRequest(
            headers: fields, body: body, caller: caller, correlation: visit.correlation,
            limits: door.keeper.limits, logger: logger)
        guard route.takes(request), admission.handOver() else { return false }
        let address = context.channel.remoteAddress
        state = .answering
        connection.requestTaken()
        do throws(HTTPFault) {
            try door.keeper.count(visit, from: address)
        } catch {
            door.requests.leave()
            answer(.failure(error), to: visit, head.uri)
            return true
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        route.begin(request) { [requests = door.requests, path = head.uri] outcome in
            requests.leave()
            eventLoop.execute { handler.value.answer(outcome, to: visit, path) }
        }
        return true
    }

    // MARK: Answers

    private func answer(
        _ outcome: Result<BufferedResponse, any Error>, to visit: Doorkeeper.Visit, _ path: String
    ) {
        let answer = door.keeper.answer(outcome, to: visit, .post, logger)
        door.keeper.observe(visit, route: path, .post, path: path, answer.status, logger)
        guard let context, context.channel.isActive else { return }
        let encoded = answer.encoded(
            requestID: visit.correlation.requestID ?? "", closes: connection.endsWithNextAnswer)
        admission.answeredInFront()
        bytes.send(encoded)
        connection.takenRequestAnswered(with: encoded.readableBytes)
        state = .idle
        goOn(context)
    }

    /// What was kept back has its turn, until it brings the next such request.
    private func goOn(_ context: ChannelHandlerContext) {
        var hasRead = false
        while let next = keptBack.first {
            if case .answering = state { return }
            keptBack.removeFirst()
            hasRead = true
            switch next {
            case .part(let part): receive(part, context)
            case .error(let error): errorCaught(context: context, error: error)
            case .event(let event): userInboundEventTriggered(context: context, event: event)
            }
        }
        // A part of a request that ends here is all that has come of it.
        if hasRead { channelReadComplete(context: context) }
        guard isReadKeptBack else { return }
        if case .answering = state { return }
        isReadKeptBack = false
        context.read()
    }
}
