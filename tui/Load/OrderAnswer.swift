import NIOCore
import SharedKernel

/// The answer to `POST /orders`, as far as a load needs it: what was said, and whether the
/// connection may be used again. Its body is passed over.
struct OrderAnswer: Equatable {
    let reply: OrderReply
    let staysOpen: Bool

    /// What no client of ours can go on after.
    struct Unreadable: Error {}

    /// Reads answers from a connection's bytes, however they are cut.
    struct Reader {
        private static let longestHead = 16_384
        /// Not yet read, from the beginning of an answer.
        private var held = ByteBuffer()

        /// Takes bytes, and gives the answer once all of it is there.
        ///
        /// - Throws: ``Unreadable`` for what is no answer of HTTP/1, and for more than the answer.
        mutating func read(_ bytes: ByteBuffer) throws -> OrderAnswer? {
            if held.readableBytes == 0 { held = bytes } else { held.writeImmutableBuffer(bytes) }
            while true {
                guard let head = try held.withUnsafeReadableBytes(Head.init) else {
                    guard held.readableBytes < Self.longestHead else { throw Unreadable() }
                    return nil
                }
                guard head.status >= 200 else {
                    // What comes before the answer, such as 100.
                    held.moveReaderIndex(forwardBy: head.length)
                    continue
                }
                // An answer that does not tell its length is taken by its head; the connection
                // that its body comes on is given up.
                let whole = head.length + (head.bodyLength ?? 0)
                guard held.readableBytes >= whole else { return nil }
                let isAlone = held.readableBytes == whole
                held = ByteBuffer()
                guard isAlone || head.bodyLength == nil else { throw Unreadable() }
                return OrderAnswer(
                    reply: head.reply, staysOpen: !head.closes && head.bodyLength != nil)
            }
        }
    }

    /// The head's fields that matter.
    private struct Head {
        var status = 0
        /// With the empty line.
        var length = 0
        var bodyLength: Int?
        var closes = false
        var isChunked = false
        var hasRetryAfter = false
        var location: OrderID?

        /// Nil where the empty line is not there yet.
        init?(_ bytes: UnsafeRawBufferPointer) throws {
            var start = 0
            while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = bytes[start..<(end > start && bytes[end - 1] == 13 ? end - 1 : end)]
                if start == 0 {
                    try readStatus(line)
                } else if line.isEmpty {
                    length = end + 1
                    if isChunked { bodyLength = nil }
                    return
                } else {
                    try readField(line)
                }
                start = end + 1
            }
            return nil
        }

        private mutating func readStatus(_ line: Slice<UnsafeRawBufferPointer>) throws {
            // HTTP/1.1 201 Created
            let code = line.dropFirst(9).prefix(3)
            guard line.starts(with: "HTTP/1.".utf8), code.count == 3,
                code.allSatisfy({ (48...57).contains($0) })
            else { throw Unreadable() }
            status = code.reduce(0) { $0 * 10 + Int($1 - 48) }
            closes = line[line.startIndex + 7] == UInt8(ascii: "0")
        }

        private mutating func readField(_ line: Slice<UnsafeRawBufferPointer>) throws {
            // Few of an answer's fields matter; the others are told apart by their length.
            guard let colon = line.prefix(20).firstIndex(of: UInt8(ascii: ":")) else { return }
            let name = line[..<colon]
            var value: String { Self.trimmed(line[(colon + 1)...]) }
            switch colon - line.startIndex {
            case 8 where Self.matches(name, "location"): location = Self.id(value)
            case 10 where Self.matches(name, "connection"):
                closes = value.lowercased() == "close" || closes
            case 11 where Self.matches(name, "retry-after"): hasRetryAfter = true
            case 14 where Self.matches(name, "content-length"):
                guard let length = Int(value), (0...1 << 30).contains(length) else {
                    throw Unreadable()
                }
                bodyLength = length
            case 17 where Self.matches(name, "transfer-encoding"): isChunked = true
            default: break
            }
        }

        /// The order's id stands in `Location`, so that the body needs no reading.
        var reply: OrderReply {
            switch status {
            case 201: location.map { .accepted($0) } ?? .refused("201 without Location")
            case 429 where !hasRetryAfter, 503 where !hasRetryAfter:
                .refused("\(status) without Retry-After")
            default: .refused("\(status)")
            }
        }

        private static func id(_ location: String) -> OrderID? {
            location.split(separator: "/").last.flatMap { OrderID(String($0)) }
        }

        /// - Parameter lower: the name in lower case.
        private static func matches(
            _ name: Slice<UnsafeRawBufferPointer>, _ lower: StaticString
        ) -> Bool {
            lower.withUTF8Buffer { lower in
                zip(name, lower).allSatisfy { $0 | 0x20 == $1 || $0 == $1 }
            }
        }

        private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
            let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
            let start = bytes.drop(while: isBlank)
            let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
            return String(decoding: start[..<end], as: UTF8.self)
        }
    }
}
