import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import OrderServiceRPC
import SwiftProtobuf

/// A connection to the gRPC door that speaks HTTP/2 in frames, so that a test decides what a call
/// looks like.
struct RawConnection: Sendable {
    typealias Stream = NIOAsyncChannel<HTTP2Frame.FramePayload, HTTP2Frame.FramePayload>

    /// What a call was answered.
    struct Answer: Sendable {
        var fields: [String: String] = [:]
        var message: [UInt8] = []

        /// gRPC's status; nil where there was none.
        var status: Int? { fields["grpc-status"].flatMap { Int($0) } }
        /// The order of a message behind its prefix.
        var order: Orders_Order? {
            message.count >= 5 ? try? Orders_Order(serializedBytes: Array(message[5...])) : nil
        }
    }

    private let multiplexer: NIOHTTP2Handler.AsyncStreamMultiplexer<Void>

    static func open<Result: Sendable>(
        _ port: Int, _ body: @Sendable (RawConnection) async throws -> Result
    ) async throws -> Result {
        let (channel, multiplexer) = try await ClientBootstrap(
            group: .singletonMultiThreadedEventLoopGroup
        ).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                let multiplexer = try channel.pipeline.syncOperations
                    .configureAsyncHTTP2Pipeline(mode: .client) { stream in
                        stream.eventLoop.makeSucceededVoidFuture()
                    }
                return (channel, multiplexer)
            }
        }
        do {
            let result = try await body(RawConnection(multiplexer: multiplexer))
            try await channel.close()
            return result
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    /// Opens a stream for one call.
    func stream() async throws -> Stream {
        try await multiplexer.openStream { stream in
            stream.eventLoop.makeCompletedFuture {
                try Stream(wrappingChannelSynchronously: stream)
            }
        }
    }

    /// Opens a stream whose call nobody waits for.
    func bareStream() async throws -> any Channel {
        try await multiplexer.openStream { stream in
            stream.eventLoop.makeSucceededFuture(stream)
        }
    }

    /// Makes a CreateOrder call.
    ///
    /// - Parameters:
    ///   - fields: besides those that every call has, or instead of them.
    ///   - pieces: the message with its prefix, a frame for each.
    func create(_ fields: [String: String] = [:], _ pieces: [[UInt8]]) async throws -> Answer {
        try await stream().executeThenClose { inbound, outbound in
            try await outbound.write(Self.head(fields))
            for (place, piece) in pieces.enumerated() {
                try await outbound.write(
                    Self.data(piece, endStream: place == pieces.count - 1))
            }
            return try await Self.answer(inbound)
        }
    }

    static func head(_ fields: [String: String]) -> HTTP2Frame.FramePayload {
        var all = [
            ":method": "POST", ":scheme": "http", ":path": "/orders.OrderService/CreateOrder",
            ":authority": "localhost", "te": "trailers", "content-type": "application/grpc",
        ]
        all.merge(fields) { _, given in given }
        // Those of HTTP/2 itself come first.
        return .headers(
            .init(headers: HPACKHeaders(all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })))
    }

    static func data(_ bytes: [UInt8], endStream: Bool = true) -> HTTP2Frame.FramePayload {
        .data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: endStream))
    }

    static func answer(
        _ inbound: NIOAsyncChannelInboundStream<HTTP2Frame.FramePayload>
    ) async throws -> Answer {
        var answer = Answer()
        do {
            for try await payload in inbound {
                switch payload {
                case .headers(let frame):
                    for (name, value, _) in frame.headers { answer.fields[name] = value }
                    if frame.endStream { return answer }
                case .data(let frame):
                    if case .byteBuffer(let bytes) = frame.data {
                        answer.message += bytes.readableBytesView
                    }
                default: break
                }
            }
        } catch let reset as NIOHTTP2Errors.StreamClosed {
            answer.fields["reset"] = "\(reset.errorCode)"
        }
        return answer
    }

    /// A message as gRPC frames it.
    static func framed(_ message: Orders_CreateOrderRequest) throws -> [UInt8] {
        let bytes: [UInt8] = try message.serializedBytes()
        return [0] + (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
    }
}
