import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import OrderServiceRPC
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel
import SwiftProtobuf

/// Answers CreateOrder calls on their own stream, in front of the gRPC library: the one call that a
/// busy day consists of, for which the library's tasks and sequences cost more than its work. Calls
/// gather, and share a task.
///
/// By the same rules and in the same words as ``OrderRPC``. A call that looks in any way unusual is
/// left to the library, before anything was done for it.
final class CreateOrderStream: ChannelInboundHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// What the streams of a door share.
    struct Door: Sendable {
        let rpc: OrderRPC
        let orders: Gathering<PlaceOrder.Wish, Idempotent<Order>>
        /// Of each event loop, which is a thread.
        private let deadlines = ThreadSpecificVariable<NIOLoopBoundBox<StreamDeadlines>>()

        init(_ rpc: OrderRPC) {
            self.rpc = rpc
            // While one batch is being committed the next waits for its turn, a third gathers.
            orders = Gathering(
                concurrency: 2, bounds: .init(count: OrderAddition.togetherLimit)
            ) { [placeOrder = rpc.placeOrder] wishes in await placeOrder(together: wishes) }
        }

        /// Takes its place in front of what a stream has.
        func join(_ stream: any Channel, messageLimit: Int) -> EventLoopFuture<Void> {
            do {
                let handler = CreateOrderStream(
                    self, deadlines(of: stream.eventLoop), messageLimit: messageLimit)
                try stream.pipeline.syncOperations.addHandler(handler, position: .first)
                return stream.eventLoop.makeSucceededVoidFuture()
            } catch {
                return stream.eventLoop.makeFailedFuture(error)
            }
        }

        private func deadlines(of eventLoop: any EventLoop) -> StreamDeadlines {
            if let deadlines = deadlines.currentValue { return deadlines.value }
            let made = StreamDeadlines(min(rpc.deadline, streamDeadline), on: eventLoop)
            deadlines.currentValue = NIOLoopBoundBox(made, eventLoop: eventLoop)
            return made
        }

        /// From a stream's beginning to its end, whatever it waits for.
        var streamDeadline: Duration { rpc.limits.streamDeadline }
    }

    private enum State {
        case idle
        case receiving(HPACKHeaders, ByteBuffer)
        case answering(OrderRPC.Call, ticket: UInt64?)
        case ended
        /// The library's.
        case ordinary
    }

    private static let path = "/orders.OrderService/CreateOrder"
    private let door: Door
    private let messageLimit: Int
    private var state = State.idle
    private let began = ContinuousClock.now
    private let deadlines: StreamDeadlines
    private var ticket: Int?
    /// For what has less time than all streams have, or begins only when that is over.
    private var timer: NIOScheduledCallback?
    private var context: ChannelHandlerContext?

    /// - Parameter messageLimit: bytes of a call's message at most.
    init(_ door: Door, _ deadlines: StreamDeadlines, messageLimit: Int) {
        self.door = door
        self.deadlines = deadlines
        self.messageLimit = messageLimit
    }

    // MARK: Time

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        ticket = deadlines.enter(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if let ticket { deadlines.leave(ticket) }
        timer?.cancel()
        self.context = nil
    }

    private func look(_ context: ChannelHandlerContext, in time: Duration) {
        timer?.cancel()
        // Fails on a loop that has ended, which no stream outlives.
        timer = try? context.eventLoop.assumeIsolated().scheduleCallback(
            in: TimeAmount(time), handler: self)
    }

    func handleScheduledCallback(eventLoop: some EventLoop) { lookAtTime() }

    /// A call that is begun and never finished, or whose answer nobody takes, ends as well.
    func lookAtTime() {
        guard let context else { return }
        if case .answering(let call, _) = state, call.deadline <= .now {
            answer(.failure(OrderRPC.tooLate), context)
        }
        let rest = began + door.streamDeadline - .now
        guard rest > .zero else { return context.close(promise: nil) }
        guard case .answering(let call, _) = state else { return look(context, in: rest) }
        look(context, in: min(rest, call.deadline - .now))
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.idle, .headers(let frame)) where !frame.endStream && Self.isUsual(frame.headers):
            state = .receiving(frame.headers, ByteBuffer())
        case (.receiving(let headers, var bytes), .data(let frame)):
            guard case .byteBuffer(var more) = frame.data,
                bytes.readableBytes + more.readableBytes <= messageLimit + OrderMessage.prefix
            else { return passOn(data, context) }
            if bytes.readableBytes == 0 { bytes = more } else { bytes.writeBuffer(&more) }
            state = .receiving(headers, bytes)
            guard frame.endStream else { return }
            guard let message = OrderMessage.read(bytes) else {
                state = .receiving(headers, bytes)
                return passOnAll(endStream: true, context)
            }
            begin(message, headers, context)
        case (.answering, _), (.ended, _): break
        default: passOn(data, context)
        }
    }

    /// Hands on what was received, and this behind it.
    private func passOn(_ data: NIOAny, _ context: ChannelHandlerContext) {
        passOnAll(endStream: false, context)
        context.fireChannelRead(data)
    }

    private func passOnAll(endStream: Bool, _ context: ChannelHandlerContext) {
        defer { state = .ordinary }
        guard case .receiving(let headers, let bytes) = state else { return }
        context.fireChannelRead(wrapInboundOut(.headers(.init(headers: headers))))
        guard bytes.readableBytes > 0 || endStream else { return }
        context.fireChannelRead(
            wrapInboundOut(.data(.init(data: .byteBuffer(bytes), endStream: endStream))))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Who waits behind has nothing yet, and so asks for no more.
        if case .receiving = state { context.read() }
    }

    /// Of a call that was answered here the library knows nothing, nor hears of its end.
    func channelInactive(context: ChannelHandlerContext) {
        let last = state
        state = .ended
        switch last {
        case .ended: return
        case .answering(_, let ticket): if let ticket { door.orders.withdraw(ticket) }
        default: context.fireChannelInactive()
        }
    }

    // MARK: Calls

    private static func isUsual(_ headers: HPACKHeaders) -> Bool {
        var isOurs = false
        for (name, value, _) in headers {
            switch name {
            case ":path": isOurs = value == path
            case ":method": if value != "POST" { return false }
            case "content-type":
                guard value == "application/grpc" || value == "application/grpc+proto" else {
                    return false
                }
            case "grpc-encoding": return false
            default: break
            }
        }
        return isOurs && headers.contains(name: "content-type")
    }

    private func begin(
        _ message: Orders_CreateOrderRequest, _ headers: HPACKHeaders,
        _ context: ChannelHandlerContext
    ) {
        let metadata = Metadata(headers)
        let timeout = headers.timeout
        let limit = min(timeout ?? door.rpc.deadline, door.rpc.deadline)
        let call = OrderRPC.Call(method: "CreateOrder", metadata, within: limit)
        state = .answering(call, ticket: nil)
        // The first look is soon enough for calls that have all the time there is.
        if timeout != nil { look(context, in: max(.zero, call.deadline - .now)) }
        let stream = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        do {
            let wish = try door.rpc.wish(message, metadata, call, context.channel.remoteAddress)
            let requests = door.rpc.limits.requests
            let eventLoop = context.eventLoop
            do {
                let ticket = try door.orders.submit(wish) { outcome in
                    requests.leave()
                    // On small machines calls are always performed on their own loop.
                    if eventLoop.inEventLoop {
                        stream.value.0.answer(outcome, stream.value.1)
                    } else {
                        eventLoop.execute { stream.value.0.answer(outcome, stream.value.1) }
                    }
                }
                state = .answering(call, ticket: ticket)
            } catch {
                requests.leave()
                throw error
            }
        } catch {
            answer(.failure(error), context)
        }
    }

    // MARK: Answers

    private func answer(
        _ outcome: Result<Idempotent<Order>, any Error>, _ context: ChannelHandlerContext
    ) {
        guard case .answering(let call, _) = state else { return }
        state = .ended
        let answer = door.rpc.told(outcome, of: call)
        do {
            let (order, isReplayed) = try answer.get()
            var head = Self.head
            head.add(
                name: "x-request-id", value: call.correlation.requestID ?? "",
                indexing: .nonIndexable)
            if isReplayed { head.add(name: "idempotent-replayed", value: "true") }
            write(.headers(.init(headers: head)), context)
            write(.data(.init(data: .byteBuffer(try OrderMessage.bytes(of: order)))), context)
            end(Self.success, context)
        } catch {
            end(HPACKHeaders(trailersOnly: error), context)
        }
    }

    private static let head: HPACKHeaders = [
        ":status": "200", "content-type": "application/grpc",
    ]
    private static let success: HPACKHeaders = ["grpc-status": "0"]

    private func end(_ trailers: HPACKHeaders, _ context: ChannelHandlerContext) {
        write(.headers(.init(headers: trailers, endStream: true)), context)
        context.flush()
    }

    private func write(_ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(payload), promise: nil)
    }
}
