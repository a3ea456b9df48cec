import NIOCore

/// A request of HTTP/1.1 that came whole with one look at the socket, and is so plain that no two
/// readers could disagree on where it ends (RFC 9112, section 6).
///
/// It needs no decoder to be refused. Whatever has fields that this does not know, says its length
/// in another way, or is cut or followed by anything, is not plain, which says nothing else of it.
struct PlainRequest {
    /// Where the request's target is in the bytes that it was read from.
    private let target: Range<Int>

    /// Nil where the bytes are not one plain request from their first to their last.
    init?(_ bytes: borrowing Span<UInt8>) {
        guard bytes.count <= Self.longest, let start = Self.targetStart(in: bytes) else {
            return nil
        }
        var end = start
        while end < bytes.count, Self.isOfTarget(bytes[end]) { end += 1 }
        guard end > start, Self.matches(bytes, at: end, Self.version),
            let body = Self.bodyLength(in: bytes, from: end + Self.version.utf8CodeUnitCount),
            body.start + body.length == bytes.count
        else { return nil }
        target = start..<end
    }

    /// - Parameter bytes: those that this was read from.
    func target(in bytes: ByteBuffer) -> String {
        bytes.getString(at: bytes.readerIndex + target.lowerBound, length: target.count) ?? ""
    }

    /// Bytes, and fields below: floods are of small requests.
    private static let longest = 4_096
    private static let mostFields = 16
    private static let version: StaticString = " HTTP/1.1\r\n"

    // MARK: The first line

    private static func targetStart(in bytes: borrowing Span<UInt8>) -> Int? {
        if matches(bytes, at: 0, "POST /") { return 5 }
        return matches(bytes, at: 0, "GET /") ? 4 : nil
    }

    private static func isOfTarget(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "?"), UInt8(ascii: "="),
            UInt8(ascii: "&"), UInt8(ascii: "%"):
            true
        default: false
        }
    }

    // MARK: The fields

    private enum Field { case host, length, type, other }

    /// In lower case; the last ones have no say in where a request ends, or in how it is answered.
    private static let fields: [(name: StaticString, field: Field)] = [
        ("host", .host), ("content-type", .type), ("content-length", .length),
        ("authorization", .other), ("user-agent", .other), ("accept", .other),
        ("accept-encoding", .other), ("accept-language", .other), ("x-request-id", .other),
        ("traceparent", .other), ("tracestate", .other), ("idempotency-key", .other),
    ]

    /// Where the body starts, and how long it says it is.
    private static func bodyLength(
        in bytes: borrowing Span<UInt8>, from first: Int
    ) -> (start: Int, length: Int)? {
        var position = first
        var count = 0
        var hosts = 0
        var length: Int?
        while !matches(bytes, at: position, "\r\n") {
            count += 1
            guard count <= mostFields, let (field, name) = field(in: bytes, at: position)
            else { return nil }
            var start = name
            if start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
            var end = start
            while end < bytes.count, (0x20...0x7E).contains(bytes[end]) { end += 1 }
            guard matches(bytes, at: end, "\r\n") else { return nil }
            switch field {
            case .host:
                // Some see several in one with a comma.
                for index in start..<end where bytes[index] == UInt8(ascii: ",") { return nil }
                hosts += 1
            case .type:
                guard end - start == json.utf8CodeUnitCount, matches(bytes, at: start, json)
                else { return nil }
            case .length:
                guard length == nil, let number = number(in: bytes, start..<end) else { return nil }
                length = number
            case .other: break
            }
            position = end + 2
        }
        return hosts == 1 ? (position + 2, length ?? 0) : nil
    }

    private static let json: StaticString = "application/json"

    /// Which field begins here, and where its value does.
    private static func field(
        in bytes: borrowing Span<UInt8>, at start: Int
    ) -> (field: Field, value: Int)? {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: ":") { end += 1 }
        guard end < bytes.count else { return nil }
        for (name, field) in fields
        where name.utf8CodeUnitCount == end - start && matches(bytes, at: start, name) {
            return (field, end + 1)
        }
        return nil
    }

    private static func number(in bytes: borrowing Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard (1...4).contains(range.count) else { return nil }
        var number = 0
        for index in range {
            let digit = bytes[index]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            number = 10 * number + Int(digit - UInt8(ascii: "0"))
        }
        return number
    }

    /// Whether the text is here; letters in lower case match those in upper case too.
    private static func matches(
        _ bytes: borrowing Span<UInt8>, at start: Int, _ text: StaticString
    ) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - start >= count else { return false }
        for offset in 0..<count {
            // Within the text, whose length was just asked for.
            let wanted = text.utf8Start[offset]
            let found = bytes[start + offset]
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(found)
            guard found == wanted || isCapital && found | 0x20 == wanted else { return false }
        }
        return true
    }
}
