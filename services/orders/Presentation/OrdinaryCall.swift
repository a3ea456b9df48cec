import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// A call that the gRPC library performs: what it reads of it, and where it answers.
struct OrdinaryCall: Sendable {
    typealias Inbound = RPCAsyncSequence<RPCRequestPart<[UInt8]>, any Error>
    typealias Outbound = RPCWriter<RPCResponsePart<[UInt8]>>.Closable

    let method: MethodDescriptor
    let metadata: Metadata
    let message: [UInt8]
    let remoteAddress: SocketAddress?
    let localAddress: SocketAddress?
    let answer: OrdinaryAnswer

    var stream: RPCStream<Inbound, Outbound> {
        let (parts, arriving) = AsyncThrowingStream.makeStream(
            of: RPCRequestPart<[UInt8]>.self, throwing: (any Error).self)
        arriving.yield(.metadata(metadata))
        arriving.yield(.message(message))
        arriving.finish()
        return RPCStream(
            descriptor: method, inbound: RPCAsyncSequence(wrapping: parts),
            outbound: RPCWriter.Closable(wrapping: answer))
    }

    var context: ServerContext {
        ServerContext(
            descriptor: method, remotePeer: Self.peer(remoteAddress),
            localPeer: Self.peer(localAddress), cancellation: ServerContext.RPCCancellationHandle())
    }

    /// As gRPC writes addresses: `ipv4:192.0.2.1:5000`, `ipv6:[2001:db8::1]:5000`.
    private static func peer(_ address: SocketAddress?) -> String {
        guard let host = address?.ipAddress, let port = address?.port else { return "unknown" }
        return host.contains(":") ? "ipv6:[\(host)]:\(port)" : "ipv4:\(host):\(port)"
    }
}

/// Writes what the library answers to the call's stream.
struct OrdinaryAnswer: ClosableRPCWriterProtocol {
    let stream: NIOLoopBound<CallStream>
    let eventLoop: any EventLoop

    func write(_ part: RPCResponsePart<[UInt8]>) async throws {
        try await write(contentsOf: CollectionOfOne(part))
    }

    /// Does not wait for the caller to take it, which the stream's deadline is for.
    ///
    /// - Throws: `ChannelError` where the call has ended already.
    func write(contentsOf parts: some Sequence<RPCResponsePart<[UInt8]>>) async throws {
        let parts = Array(parts)
        let sent = eventLoop.makePromise(of: Void.self)
        eventLoop.execute { stream.value.answer(parts, sent) }
        try await sent.futureResult.get()
    }

    /// Its status has finished the call.
    func finish() {}

    func finish(throwing error: any Error) {
        eventLoop.execute { stream.value.context?.close(promise: nil) }
    }
}

extension CallStream {
    /// Leaves the call to the library.
    func perform(
        _ method: MethodDescriptor, _ metadata: Metadata, _ message: [UInt8],
        _ context: ChannelHandlerContext
    ) {
        state = .performing(isBegun: false)
        door.perform(
            OrdinaryCall(
                method: method, metadata: metadata, message: message,
                remoteAddress: context.channel.remoteAddress,
                localAddress: context.channel.localAddress,
                answer: OrdinaryAnswer(
                    stream: NIOLoopBound(self, eventLoop: context.eventLoop),
                    eventLoop: context.eventLoop)))
    }

    fileprivate func answer(
        _ parts: [RPCResponsePart<[UInt8]>], _ sent: EventLoopPromise<Void>
    ) {
        for part in parts {
            guard let context, case .performing(let isBegun) = state else {
                return sent.fail(ChannelError.ioOnClosedChannel)
            }
            switch part {
            case .metadata(let metadata):
                state = .performing(isBegun: true)
                write(.headers(.init(headers: HPACKHeaders.answer.adding(metadata))), context)
            case .message(let message):
                write(.data(.init(data: .byteBuffer(OrderMessage.framed(message)))), context)
            case .status(let status, let metadata):
                let head = isBegun ? [:] : HPACKHeaders.answer
                end(head.adding(status, metadata), context)
            }
        }
        sent.succeed()
    }
}
