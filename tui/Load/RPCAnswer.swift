import GRPCCore
import NIOCore
import NIOHPACK
import NIOHTTP2
import OrderServiceRPC
import SharedKernel
import SwiftProtobuf

/// The answer to a `CreateOrder` call, frame by frame.
struct RPCAnswer {
    /// What a call came to; without a reply it may have been carried out all the same.
    enum End: Equatable {
        case reply(OrderReply)
        case unanswered
    }

    private static let longestMessage = 65_536
    private var message = ByteBuffer()

    /// - Returns: nil while the answer goes on.
    mutating func read(_ payload: HTTP2Frame.FramePayload) -> End? {
        switch payload {
        case .headers(let frame):
            guard frame.endStream else { return nil }
            return end(frame.headers)
        case .data(let frame):
            if case .byteBuffer(let bytes) = frame.data,
                message.readableBytes + bytes.readableBytes <= Self.longestMessage
            {
                message.writeImmutableBuffer(bytes)
            }
            // An answer ends with its trailers.
            return frame.endStream ? .unanswered : nil
        case .rstStream(.refusedStream): return .reply(.refused("\(RPCError.Code.unavailable)"))
        case .rstStream: return .unanswered
        default: return nil
        }
    }

    private func end(_ trailers: HPACKHeaders) -> End {
        guard let text = trailers.first(name: "grpc-status") else {
            // Not from gRPC: somebody on the way.
            return trailers.first(name: ":status").map { .reply(.refused("HTTP \($0)")) }
                ?? .unanswered
        }
        guard let code = Int(text).flatMap({ Status.Code(rawValue: $0) }) else {
            return .unanswered
        }
        guard let error = RPCError.Code(code) else {
            return .reply(id.map { .accepted($0) } ?? .refused("OK without an id"))
        }
        let isUnknown = [.deadlineExceeded, .cancelled, .unknown].contains(error)
        return isUnknown ? .unanswered : .reply(.refused("\(error)"))
    }

    private var id: OrderID? {
        guard let prefix = message.getInteger(at: message.readerIndex + 1, as: UInt32.self),
            Int(prefix) == message.readableBytes - 5,
            let bytes = message.getBytes(at: message.readerIndex + 5, length: Int(prefix)),
            let order = try? Orders_Order(serializedBytes: bytes)
        else { return nil }
        return OrderID(order.orderID)
    }
}
