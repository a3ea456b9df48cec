import NIOCore

/// One direction of a connection through a ``FaultProxy``: hands what it reads to the other end, in
/// order, as the weather allows.
///
/// It reads on only when what it read has gone on: what waits here is one read's worth, and the
/// rest waits in the kernel, whose windows then close as on a network that is stuck.
final class Forwarder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let state: ProxyState
    private var waiting: ByteBuffer?
    private var isBusy = false

    /// - Parameters:
    ///   - other: the other end, on the same event loop.
    ///   - state: the proxy's.
    init(to other: any Channel, state: ProxyState) {
        self.other = other
        self.state = state
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { context.read() }
    }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if waiting == nil { waiting = bytes } else { waiting?.writeBuffer(&bytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { forward(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is WeatherChanged { forward(context) }
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
        other.close(promise: nil)
    }

    /// Sends on what waits; reads again once that is done.
    private func forward(_ context: ChannelHandlerContext) {
        guard !isBusy, let bytes = waiting else { return }
        switch state.weather {
        case .silence: return
        case .fair, .refusal: send(bytes, context)
        case .crumbs: send(crumbs: bytes, context)
        case .slow(let delay):
            isBusy = true
            let context = NIOLoopBound(context, eventLoop: context.eventLoop)
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .nanoseconds(delay.wholeNanoseconds)) {
                handler.value.isBusy = false
                handler.value.send(bytes, context.value)
            }
        }
    }

    private func send(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        waiting = nil
        isBusy = true
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        other.writeAndFlush(bytes).whenComplete { _ in
            handler.value.isBusy = false
            context.value.read()
        }
    }

    /// Byte by byte, the first few hundred of them: every parser meets its worst edges there.
    private func send(crumbs bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        var rest = bytes
        for _ in 0..<300 {
            guard rest.readableBytes > 1, let crumb = rest.readSlice(length: 1) else { break }
            other.writeAndFlush(crumb, promise: nil)
        }
        send(rest, context)
    }
}

extension Duration {
    /// Rounded down.
    var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
