import NIOCore
import NIOHTTP1
import SharedKernel

/// One client of the HTTP door: sends the next order as soon as it is due and the last one is
/// answered. It lives on its connection's event loop, so that bringing the load takes little of the
/// machine that carries it.
final class OrderCaller: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let plan: LoadPlan
    private let arrivals: Arrivals
    private let tally: LoadTally
    private let head: HTTPRequestHead
    /// The order under way, from when it was due.
    private var due: ContinuousClock.Instant?
    private var reply: OrderReply?
    private var isLast = false
    private var deadline: Scheduled<Void>?

    init(_ plan: LoadPlan, host: String, arrivals: Arrivals, tally: LoadTally) {
        self.plan = plan
        self.arrivals = arrivals
        self.tally = tally
        var headers: HTTPHeaders = ["Host": host, "Content-Type": "application/json"]
        if let token = plan.token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/orders", headers: headers)
    }

    func channelActive(context: ChannelHandlerContext) { next(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isLast = !head.isKeepAlive
            reply = Self.reply(head)
        case .body: break
        case .end:
            deadline?.cancel()
            if let due, let reply { tally.note(reply, due: due, at: .now) }
            due = nil
            if isLast {
                context.close(promise: nil)
            } else if case .refused = reply, plan.rate == nil {
                pause(context)
            } else {
                next(context)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if due != nil { tally.noteUnanswered() }
        due = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// A client that is refused comes back later; in an open loop the schedule says when.
    private func pause(_ context: ChannelHandlerContext) {
        let wait = TimeAmount.milliseconds(.random(in: 50...150))
        context.eventLoop.assumeIsolated().scheduleTask(in: wait) {
            guard context.channel.isActive else { return }
            self.next(context)
        }
    }

    private func next(_ context: ChannelHandlerContext) {
        let now = ContinuousClock.now
        guard let arrival = arrivals.take(at: now) else {
            context.close(promise: nil)
            return
        }
        guard arrival.due > now else {
            send(arrival.order, due: arrival.due, context)
            return
        }
        let wait = TimeAmount.nanoseconds(Int64(now.duration(to: arrival.due) / .nanoseconds(1)))
        context.eventLoop.assumeIsolated().scheduleTask(in: wait) {
            guard context.channel.isActive else { return }
            self.send(arrival.order, due: arrival.due, context)
        }
    }

    private func send(
        _ order: Int, due: ContinuousClock.Instant, _ context: ChannelHandlerContext
    ) {
        self.due = due
        reply = nil
        tally.send()
        var body = context.channel.allocator.buffer(capacity: 128)
        body.writeString(
            #"{"user_id":"\#(plan.account(of: order))","amount":\#(plan.amount),"#
                + #""description":"load"}"#)
        var head = head
        head.headers.add(name: "Content-Length", value: "\(body.readableBytes)")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let limit = TimeAmount.nanoseconds(Int64(plan.deadline / .nanoseconds(1)))
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            context.close(promise: nil)
        }
    }

    /// The order's id stands in `Location`, so that the body needs no reading.
    private static func reply(_ head: HTTPResponseHead) -> OrderReply {
        guard head.status == .created else { return .refused("\(head.status.code)") }
        let location = head.headers.first(name: "Location") ?? ""
        guard let id = location.split(separator: "/").last.flatMap({ OrderID(String($0)) }) else {
            return .refused("201 without Location")
        }
        return .accepted(id)
    }
}
