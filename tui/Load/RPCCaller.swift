import NIOCore
import NIOHTTP2

/// The clients that share one connection of the gRPC door, each with a stream for its order, on the
/// connection's event loop. It speaks HTTP/2 in frames: a client with a task and a channel for each
/// call takes more of the machine than Orders does to answer it.
final class RPCCaller: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// One client.
    private final class Caller: NIOScheduledCallbackHandler, Pacer.Client {
        var turn: CallerTurn
        var stream: HTTP2StreamID?
        var answer = RPCAnswer()
        /// Whether it asks again later, when its order is due or its pause over.
        var isWaiting = false
        var pausing: NIOScheduledCallback?
        private weak var connection: RPCCaller?

        init(_ turn: CallerTurn, _ connection: RPCCaller) {
            self.turn = turn
            self.connection = connection
        }

        func handleScheduledCallback(eventLoop: some EventLoop) { wake() }

        func wake() {
            guard isWaiting else { return }
            isWaiting = false
            pausing = nil
            connection?.wake(self)
        }
    }

    private let plan: LoadPlan
    private let request: RPCRequest
    private let pacer: Pacer
    private var callers: [Caller] = []
    private var underWay: [HTTP2StreamID: Caller] = [:]
    /// How many clients have more to send.
    private var active = 0
    private var lastStream = -1
    /// Bytes of answers that the server has not been told are read.
    private var unreported = 0
    private var isLeaving = false
    private var context: ChannelHandlerContext?
    private var ticking: Scheduled<Void>?

    init(
        _ plan: LoadPlan, clients: Int, arrivals: Arrivals, tally: LoadTally, pacer: Pacer
    ) {
        self.plan = plan
        self.pacer = pacer
        request = RPCRequest(plan)
        callers = (0..<clients).map { _ in Caller(CallerTurn(plan, arrivals, tally), self) }
        active = clients
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        keepTicking()
        for caller in callers { next(caller) }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        if case .goAway = frame.payload { leave(context) }
        if case .data(let frame) = frame.payload { report(frame.data.readableBytes, context) }
        guard let caller = underWay[frame.streamID] else { return }
        switch caller.answer.read(frame.payload) {
        case nil: return
        case .reply(let reply): caller.turn.answered(reply, at: .now)
        case .unanswered: caller.turn.giveUp()
        }
        finish(caller)
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func channelInactive(context: ChannelHandlerContext) {
        ticking?.cancel()
        for caller in callers {
            if caller.isWaiting { pacer.forget(caller) }
            caller.pausing?.cancel()
            caller.turn.giveUp()
        }
        underWay = [:]
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func wake(_ caller: Caller) {
        guard let context, context.channel.isActive else { return }
        next(caller)
        context.flush()
    }

    /// The order is answered or given up; on to the client's next.
    private func finish(_ caller: Caller) {
        if let stream = caller.stream { underWay[stream] = nil }
        caller.stream = nil
        next(caller)
    }

    private func next(_ caller: Caller) {
        guard let context else { return }
        switch isLeaving ? .leave : caller.turn.next(at: .now) {
        case .send(let order):
            lastStream += 2
            let stream = HTTP2StreamID(lastStream)
            caller.stream = stream
            caller.answer = RPCAnswer()
            underWay[stream] = caller
            guard let body = try? request.body(order, context.channel.allocator) else { return }
            write(request.head, stream, context)
            write(body, stream, context)
            // Ids go up to 2^31; the next connection begins anew.
            if lastStream > 1 << 30 { leave(context) }
        case .wait(let due):
            caller.isWaiting = true
            pacer.wake(caller, from: due)
        case .pause(let time):
            caller.isWaiting = true
            // Fails on a loop that has ended, which no client outlives.
            caller.pausing = try? context.eventLoop.assumeIsolated().scheduleCallback(
                in: time, handler: caller)
        case .leave:
            active -= 1
            if active == 0 { context.close(promise: nil) }
        }
    }

    /// Ends the connection once what is under way is answered.
    private func leave(_ context: ChannelHandlerContext) {
        guard !isLeaving else { return }
        isLeaving = true
        for caller in callers where caller.isWaiting {
            caller.isWaiting = false
            pacer.forget(caller)
            caller.pausing?.cancel()
            next(caller)
        }
    }

    /// Gives the server room for further answers, now and then.
    private func report(_ count: Int, _ context: ChannelHandlerContext) {
        unreported += count
        guard unreported >= 16_384 else { return }
        write(.windowUpdate(windowSizeIncrement: unreported), .rootStream, context)
        unreported = 0
    }

    private func keepTicking() {
        guard let context else { return }
        ticking = context.eventLoop.assumeIsolated().scheduleTask(in: plan.tick) {
            for caller in self.callers where caller.turn.tick() {
                caller.turn.giveUp()
                if let stream = caller.stream { self.write(.rstStream(.cancel), stream, context) }
                self.finish(caller)
            }
            context.flush()
            self.keepTicking()
        }
    }

    private func write(
        _ payload: HTTP2Frame.FramePayload, _ stream: HTTP2StreamID,
        _ context: ChannelHandlerContext
    ) {
        context.write(
            wrapOutboundOut(HTTP2Frame(streamID: stream, payload: payload)), promise: nil)
    }
}
