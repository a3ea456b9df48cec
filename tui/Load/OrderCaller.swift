import NIOCore

/// One client of the HTTP door, on its connection's event loop: to bring the load has to take
/// little of the machine that carries it, so that a request is a copy of prepared bytes and an
/// answer is looked at where it lies.
final class OrderCaller: ChannelInboundHandler, NIOScheduledCallbackHandler, Pacer.Client,
    Pacer.Watcher
{
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: OrderRequest
    private let interval: TimeAmount
    private let pacer: Pacer
    private var turn: CallerTurn
    private var reader = OrderAnswer.Reader()
    private var bytes = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var pausing: NIOScheduledCallback?
    /// Whether the pacer has it.
    private var isWaiting = false

    init(
        _ plan: LoadPlan, _ request: OrderRequest, arrivals: Arrivals, tally: LoadTally,
        pacer: Pacer
    ) {
        self.request = request
        self.pacer = pacer
        interval = plan.tick
        turn = CallerTurn(plan, arrivals, tally)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        pacer.watch(self, every: interval)
        take(turn.next(at: .now))
    }

    func tick() {
        if turn.tick() || turn.hasRestedLong { context?.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            guard let answer = try reader.read(unwrapInboundIn(data)) else { return }
            guard turn.isUnderWay else { throw OrderAnswer.Unreadable() }
            let now = ContinuousClock.now
            turn.answered(answer.reply, at: now)
            if answer.staysOpen { take(turn.next(at: now)) } else { context.close(promise: nil) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pacer.unwatch(self)
        if isWaiting { pacer.forget(self) }
        pausing?.cancel()
        turn.giveUp()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        pausing = nil
        wake()
    }

    func wake() {
        isWaiting = false
        if let context, context.channel.isActive { take(turn.next(at: .now)) }
    }

    private func take(_ step: CallerTurn.Step) {
        guard let context else { return }
        switch step {
        case .send(let order):
            bytes.clear()
            request.write(order, into: &bytes)
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        case .wait(let due):
            isWaiting = true
            pacer.wake(self, from: due)
        case .pause(let time):
            // Fails on a loop that has ended, which no client outlives.
            pausing = try? context.eventLoop.assumeIsolated().scheduleCallback(
                in: time, handler: self)
        case .leave: context.close(promise: nil)
        }
    }
}
