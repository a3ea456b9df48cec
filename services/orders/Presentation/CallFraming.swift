import GRPCCore
import NIOCore
import NIOHPACK
import SharedKernel

/// A message as gRPC frames it: whether it is compressed, its length, and its bytes.
enum OrderMessage {
    /// Bytes before the message.
    static let prefix = 5

    /// How long the first message is by its own words, or what there is, if that is more.
    static func length(_ bytes: ByteBuffer) -> Int {
        let announced = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self)
        return max(Int(announced ?? 0), bytes.readableBytes - prefix)
    }

    /// The one message that a call has; nil where there is another number, or where it is
    /// compressed.
    static func only(_ bytes: ByteBuffer) -> [UInt8]? {
        guard let length = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self),
            bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) == 0,
            Int(length) == bytes.readableBytes - prefix
        else { return nil }
        return Array(bytes.readableBytesView.dropFirst(prefix))
    }

    static func framed(_ message: [UInt8]) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(prefix + message.count)
        bytes.writeInteger(UInt8(0))
        bytes.writeInteger(UInt32(message.count))
        bytes.writeBytes(message)
        return bytes
    }
}

/// What the first frame of a call says of it.
struct CallHead {
    let headers: HPACKHeaders
    private(set) var path = ""
    private var isGRPC = false
    private var isPost = false
    private var encoding: String?

    init(_ headers: HPACKHeaders) {
        self.headers = headers
        for (name, value, _) in headers {
            switch name {
            case ":path": path = value
            case ":method": isPost = value == "POST"
            case "content-type":
                isGRPC = value == "application/grpc" || value == "application/grpc+proto"
            case "grpc-encoding": encoding = value
            default: break
            }
        }
    }

    /// Whether it says nothing of how its message is encoded.
    var isPlain: Bool { encoding == nil }

    /// What a call is told that is none, or that cannot be read; nil where there is nothing to say.
    var refusal: HPACKHeaders? {
        guard isGRPC, isPost else { return [":status": "415"] }
        guard encoding == nil || encoding == "identity" else {
            var error = RPCError(
                code: .unimplemented, message: "Messages are taken as they are, not compressed")
            error.metadata = ["grpc-accept-encoding": "identity"]
            return HPACKHeaders(trailersOnly: error)
        }
        return nil
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

    /// All of a call's metadata but for bytes, which nothing here reads.
    init(all headers: HPACKHeaders) {
        self.init()
        for (name, value, _) in headers where !name.hasPrefix(":") && !name.hasSuffix("-bin") {
            addString(value, forKey: name)
        }
    }

    private static let read = Set(
        Correlation.headerNames + [
            "authorization", "kassa-caller", "kassa-caller-role", "idempotency-key",
        ])
}

extension HPACKHeaders {
    /// How each answer begins.
    static let answer: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]
    /// How an answer ends that went well.
    static let success: HPACKHeaders = ["grpc-status": "0"]

    /// An answer that consists of its failure.
    init(trailersOnly error: any Error) {
        let error =
            error as? RPCError
            ?? RPCError(code: .internalError, message: "Internal Server Error")
        self = Self.answer.adding(
            Status(code: Status.Code(error.code), message: error.message), error.metadata)
    }

    /// With the end of an answer.
    func adding(_ status: Status, _ metadata: Metadata) -> HPACKHeaders {
        var headers = self
        headers.add(name: "grpc-status", value: "\(status.code.rawValue)")
        if status.code != .ok || !status.message.isEmpty {
            headers.add(name: "grpc-message", value: Self.percentEncoded(status.message))
        }
        return headers.adding(metadata)
    }

    /// With metadata, of which the door has only text.
    func adding(_ metadata: Metadata) -> HPACKHeaders {
        var headers = self
        for (name, value) in metadata {
            if case .string(let text) = value { headers.add(name: name, value: text) }
        }
        return headers
    }

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
