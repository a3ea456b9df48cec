import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2
import OrderServiceRPC
import OrdersApplication
import OrdersDomain
import ServiceHost
import SharedKernel
import SwiftProtobuf

/// A call on its HTTP/2 stream, from its first frame to its last. Every method is unary, so a call
/// is read whole before anything is done for it.
///
/// CreateOrder, of which a busy day consists, is answered here: such calls gather, and share a
/// task. Any other method, and a call that is unusual, is performed by the gRPC library
/// (``RPCTransport``), by the same rules and in the same words (``OrderRPC``).
final class CallStream: ChannelInboundHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    enum State {
        case idle
        case receiving(CallHead, MethodDescriptor)
        /// An order that is placed with others.
        case placing(OrderRPC.Call, ticket: UInt64?)
        /// The library's, until it tells the call's status; whether it has told the metadata.
        case performing(isBegun: Bool)
        case ended
    }

    var state = State.idle
    let door: CallDoor
    private(set) var context: ChannelHandlerContext?
    private let began = ContinuousClock.now
    private let deadlines: StreamDeadlines
    private var ticket: Int?
    /// For what has less time than all streams have, or begins only when that is over.
    private var timer: NIOScheduledCallback?
    private var received = ByteBuffer()

    init(_ door: CallDoor, _ deadlines: StreamDeadlines) {
        self.door = door
        self.deadlines = deadlines
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
        if case .placing(let call, _) = state, call.deadline <= .now {
            answer(.failure(OrderRPC.tooLate), context)
        }
        let rest = began + door.streamDeadline - .now
        guard rest > .zero else {
            // Where the peer takes no bytes at all, not even the stream's end gets through.
            let connection = context.channel.parent
            if connection?.isWritable == false { connection?.close(promise: nil) }
            return context.close(promise: nil)
        }
        guard case .placing(let call, _) = state else { return look(context, in: rest) }
        look(context, in: min(rest, call.deadline - .now))
    }

    // MARK: What comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.idle, .headers(let frame)):
            let head = CallHead(frame.headers)
            if let refusal = head.refusal { return end(refusal, context) }
            guard let method = door.methods[head.path] else {
                return refuse(.unimplemented, "There is no such method", context)
            }
            state = .receiving(head, method)
            if frame.endStream { begin(head, method, context) }
        case (.receiving(let head, let method), .data(let frame)):
            guard case .byteBuffer(var more) = frame.data else { return }
            if received.readableBytes == 0 { received = more } else { received.writeBuffer(&more) }
            guard OrderMessage.length(received) <= door.messageLimit else {
                refuse(
                    .resourceExhausted, "A message has \(door.messageLimit) bytes at most", context)
                // No more of it is wanted, which is no error (RFC 9113, section 8.1).
                write(.rstStream(.noError), context)
                return context.flush()
            }
            if frame.endStream { begin(head, method, context) }
        case (.receiving(let head, let method), .headers(let frame)) where frame.endStream:
            begin(head, method, context)
        default: break
        }
    }

    private func begin(
        _ head: CallHead, _ method: MethodDescriptor, _ context: ChannelHandlerContext
    ) {
        guard let message = OrderMessage.only(received) else {
            return refuse(
                .internalError, "A call has one message, whole and not compressed", context)
        }
        if head.isPlain, head.path == CallDoor.createOrder,
            let message = try? Orders_CreateOrderRequest(serializedBytes: message)
        {
            place(message, head.headers, context)
        } else {
            perform(method, Metadata(all: head.headers), message, context)
        }
    }

    private func refuse(
        _ code: RPCError.Code, _ message: String, _ context: ChannelHandlerContext
    ) {
        end(HPACKHeaders(trailersOnly: RPCError(code: code, message: message)), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let last = state
        // First: who is withdrawn is told so at once, and there is nobody to answer.
        state = .ended
        if case .placing(_, let ticket?) = last { door.orders.withdraw(ticket) }
    }

    // MARK: Orders

    private func place(
        _ message: Orders_CreateOrderRequest, _ headers: HPACKHeaders,
        _ context: ChannelHandlerContext
    ) {
        let metadata = Metadata(headers)
        let timeout = headers.timeout
        let limit = min(timeout ?? door.rpc.deadline, door.rpc.deadline)
        let call = OrderRPC.Call(method: "CreateOrder", metadata, within: limit)
        state = .placing(call, ticket: nil)
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
                state = .placing(call, ticket: ticket)
            } catch {
                requests.leave()
                throw error
            }
        } catch {
            answer(.failure(error), context)
        }
    }

    private func answer(
        _ outcome: Result<Idempotent<Order>, any Error>, _ context: ChannelHandlerContext
    ) {
        guard case .placing(let call, _) = state else { return }
        let answer = door.rpc.told(outcome, of: call)
        do {
            let (order, isReplayed) = try answer.get()
            var head = HPACKHeaders.answer
            head.add(
                name: "x-request-id", value: call.correlation.requestID ?? "",
                indexing: .nonIndexable)
            if isReplayed { head.add(name: "idempotent-replayed", value: "true") }
            write(.headers(.init(headers: head)), context)
            let message: [UInt8] = try order.serializedBytes()
            write(.data(.init(data: .byteBuffer(OrderMessage.framed(message)))), context)
            end(HPACKHeaders.success, context)
        } catch {
            end(HPACKHeaders(trailersOnly: error), context)
        }
    }

    // MARK: What goes out

    /// The last that is said.
    func end(_ trailers: HPACKHeaders, _ context: ChannelHandlerContext) {
        state = .ended
        write(.headers(.init(headers: trailers, endStream: true)), context)
        context.flush()
    }

    func write(_ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(payload), promise: nil)
    }
}
