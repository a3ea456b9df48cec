import NIOCore

/// The connection below HTTP. Measures the first line of a request, since bytes alone know what a
/// request that cannot be decoded was too long in; sends answers that are bytes already; and asks
/// about plain requests whether they are refused, as long as the connection has brought no other:
/// only then the decoder surely has nothing of one that is not whole.
final class ByteSide: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Who is asked, while it is there.
    var admission: RequestAdmission?
    private var bringsPlainRequests = true
    private var hasPassedOn = false
    /// Bytes of the line that have come in.
    private(set) var length = 0
    private var isWhole = false
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Whether the peer takes what is sent.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Sends a whole answer past the encoder.
    func send(_ answer: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isRefused(unwrapInboundIn(data)) { return }
        hasPassedOn = true
        if !isWhole {
            let bytes = unwrapInboundIn(data).readableBytesView
            let end = bytes.firstIndex(of: UInt8(ascii: "\n"))
            isWhole = end != nil
            length += bytes.distance(from: bytes.startIndex, to: end ?? bytes.endIndex)
        }
        context.fireChannelRead(data)
    }

    /// What was refused here is nobody's else, nor is its end.
    func channelReadComplete(context: ChannelHandlerContext) {
        guard hasPassedOn else { return }
        hasPassedOn = false
        context.fireChannelReadComplete()
    }

    private func isRefused(_ bytes: ByteBuffer) -> Bool {
        guard bringsPlainRequests else { return false }
        guard let request = PlainRequest(bytes.readableBytesUInt8Span) else {
            bringsPlainRequests = false
            return false
        }
        // What was passed on with the same look at the socket comes first.
        return !hasPassedOn && admission?.refuses(request, in: bytes) ?? false
    }

    /// The next request begins.
    func reset() {
        isWhole = false
        length = 0
    }
}
