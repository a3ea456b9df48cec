import GRPCCore
import NIOCore
import NIOHPACK
import OrderServiceRPC
import SharedKernel
import SwiftProtobuf

/// A message as gRPC frames it: whether it is compressed, its length, and its bytes.
enum OrderMessage {
    /// Bytes before the message.
    static let prefix = 5

    /// The one message that a call has; nil where there is another number, where it is compressed,
    /// or cannot be read.
    static func read(_ bytes: ByteBuffer) -> Orders_CreateOrderRequest? {
        guard let length = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self),
            bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == 0,
            Int(length) == bytes.readableBytes - prefix
        else { return nil }
        return try? Orders_CreateOrderRequest(
            serializedBytes: Array(bytes.readableBytesView.dropFirst(prefix)))
    }

    static func bytes(of order: Orders_Order) throws -> ByteBuffer {
        let message: [UInt8] = try order.serializedBytes()
        var bytes = ByteBuffer()
        bytes.reserveCapacity(prefix + message.count)
        bytes.writeInteger(UInt8(0))
        bytes.writeInteger(UInt32(message.count))
        bytes.writeBytes(message)
        return bytes
    }
}

extension Metadata {
    /// What the door reads of a call beside its message.
    init(_ headers: HPACKHeaders) {
        self.init()
        for (name, value, _) in headers where Self.read.contains(name) {
            addString(value, forKey: name)
        }
    }

    private static let read = Set(
        Correlation.headerNames + [
            "authorization", "kassa-caller", "kassa-caller-role", "idempotency-key",
        ])
}

extension HPACKHeaders {
    /// How long the caller waits (gRPC over HTTP/2, `grpc-timeout`); nil where he does not say.
    var timeout: Duration? {
        guard let text = first(name: "grpc-timeout"), text.utf8.count <= 9,
            let count = Int64(text.dropLast()), count >= 0
        else { return nil }
        return switch text.last {
        case "H": .seconds(count * 3_600)
        case "M": .seconds(count * 60)
        case "S": .seconds(count)
        case "m": .milliseconds(count)
        case "u": .microseconds(count)
        case "n": .nanoseconds(count)
        default: nil
        }
    }

    /// An answer that consists of its failure.
    init(trailersOnly error: any Error) {
        let error =
            error as? RPCError
            ?? RPCError(code: .internalError, message: "Internal Server Error")
        self = [
            ":status": "200", "content-type": "application/grpc",
            "grpc-status": "\(error.code.rawValue)",
            "grpc-message": Self.percentEncoded(error.message),
        ]
        for (name, value) in error.metadata {
            if case .string(let text) = value { add(name: name, value: text) }
        }
    }

    /// As gRPC has it: what is not printable ASCII, and the percent sign.
    private static func percentEncoded(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x25 }) else {
            return text
        }
        var encoded = ""
        for byte in text.utf8 {
            if (0x20...0x7E).contains(byte), byte != 0x25 {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
