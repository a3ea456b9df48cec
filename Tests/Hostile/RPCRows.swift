/// Bytes for the gRPC door that no client of gRPC would send.
///
/// Each has its outcome, ``expected``; and whatever it was, the door serves the next caller.
struct RPCRow: Sendable {
    let name: String
    let bytes: [UInt8]

    static var all: [RPCRow] { noHTTP2 + frames + floods }

    private init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let greeting = preface + frame(4, on: 0)

    private static func frame(
        _ type: UInt8, flags: UInt8 = 0, on stream: UInt32, _ payload: [UInt8] = [],
        length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? payload.count
        let size = [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF)]
        let number = (0..<4).map { UInt8(stream >> UInt32(24 - 8 * $0) & 0xFF) }
        return size + [type, flags] + number + payload
    }

    /// Literal header fields without Huffman code or index (RFC 7541, section 6.2.2).
    private static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in
            [0] + text(name) + text(value)
        }
    }

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var rest = bytes.count - 127
        var length: [UInt8] = [127]
        while rest >= 128 {
            length.append(UInt8(rest % 128) | 128)
            rest /= 128
        }
        return length + [UInt8(rest)] + bytes
    }

    private static func call(
        _ method: String = "CreateOrder", type: String = "application/grpc",
        more: [(String, String)] = []
    ) -> [UInt8] {
        block(
            [
                (":method", "POST"), (":scheme", "http"), (":authority", "x"),
                (":path", "/orders.OrderService/\(method)"), ("content-type", type),
                ("te", "trailers"),
            ] + more)
    }

    /// A call's frames: headers, and one message of these bytes.
    private static func call(on stream: UInt32, head: [UInt8], message: [UInt8]) -> [UInt8] {
        frame(1, flags: 4, on: stream, head)
            + message.chunks(of: 16_384).enumerated().flatMap { position, chunk in
                let isLast = (position + 1) * 16_384 >= message.count
                return frame(0, flags: isLast ? 1 : 0, on: stream, Array(chunk))
            }
    }

    private static var noHTTP2: [RPCRow] {
        [
            RPCRow("nothing", []),
            RPCRow("HTTP/1.1", Array("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".utf8)),
            RPCRow("half a preface", Array(preface.prefix(10))),
            RPCRow("a preface with a fault", Array("PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n".utf8)),
            RPCRow("bytes", (0..<8_192).map { UInt8(truncatingIfNeeded: $0 &* 167) }),
            RPCRow("a megabyte of zeros", Array(repeating: 0, count: 1_048_576)),
            RPCRow("a TLS hello", [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC]),
            RPCRow("no settings", preface + frame(1, flags: 5, on: 1, call())),
        ]
    }

    private static var frames: [RPCRow] {
        let five: [UInt8] = [0, 0, 0, 0, 1]
        return [
            ("an announced 16 MiB", frame(0, on: 1, length: 16_777_215)),
            ("settings of five bytes", frame(4, on: 0, five)),
            ("settings on a stream", frame(4, on: 1)),
            ("settings of nonsense", frame(4, on: 0, [0, 4, 0xFF, 0xFF, 0xFF, 0xFF])),
            ("settings with a tiny frame", frame(4, on: 0, [0, 5, 0, 0, 0, 1])),
            ("an acknowledgement with a body", frame(4, flags: 1, on: 0, five)),
            ("headers on stream 0", frame(1, flags: 5, on: 0, call())),
            ("headers on an even stream", frame(1, flags: 5, on: 2, call())),
            ("data on an idle stream", frame(0, flags: 1, on: 1, five)),
            ("data on stream 0", frame(0, on: 0, five)),
            ("padding longer than its frame", frame(0, flags: 8, on: 1, [255, 0])),
            ("a window of nothing", frame(8, on: 0, [0, 0, 0, 0])),
            ("a window beyond its bound", frame(8, on: 0, [0x7F, 0xFF, 0xFF, 0xFF])),
            ("a window of three bytes", frame(8, on: 0, [0, 0, 1])),
            ("a window on an idle stream", frame(8, on: 9, [0, 0, 0, 1])),
            ("a continuation of nothing", frame(9, flags: 4, on: 1, call())),
            ("a promise from a client", frame(5, flags: 4, on: 1, [0, 0, 0, 2] + call())),
            ("a reset of an idle stream", frame(3, on: 1, [0, 0, 0, 8])),
            ("a reset of three bytes", frame(3, on: 1, [0, 0, 0])),
            ("a ping of five bytes", frame(6, on: 0, five)),
            ("a ping on a stream", frame(6, on: 1, Array(repeating: 0, count: 8))),
            ("a goodbye of three bytes", frame(7, on: 0, [0, 0, 0])),
            ("a frame of no known type", frame(0xEE, flags: 0xFF, on: 7, five)),
            ("a stream that depends on itself", frame(2, on: 1, [0, 0, 0, 1, 16])),
            (
                "headers and then others",
                frame(1, on: 1, call()) + frame(6, on: 0, Array(repeating: 0, count: 8))
            ),
            (
                "a header block of garbage",
                frame(1, flags: 5, on: 1, Array(repeating: 0xFF, count: 100))
            ),
            (
                "an index beyond the table",
                frame(1, flags: 5, on: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
            ),
            ("no pseudo headers", frame(1, flags: 5, on: 1, block([("a", "b")]))),
            ("upper case", frame(1, flags: 5, on: 1, block([("X-Y", "z")]) + call())),
            ("CRLF in a value", frame(1, flags: 5, on: 1, call(more: [("x", "a\r\nb: c")]))),
            ("NUL in a name", frame(1, flags: 5, on: 1, call(more: [("x\u{0}y", "z")]))),
            (
                "ESC in an id",
                frame(1, flags: 5, on: 1, call(more: [("x-request-id", "\u{1B}[2J")]))
            ),
            (
                "two lengths",
                frame(
                    1, flags: 5, on: 1,
                    call(more: [("content-length", "1"), ("content-length", "2")]))
            ),
            (
                "transfer-encoding",
                frame(1, flags: 5, on: 1, call(more: [("transfer-encoding", "chunked")]))
            ),
            (
                "a header of 1 MB",
                call(
                    on: 1,
                    head: Array(
                        call(more: [("x", String(repeating: "y", count: 1_000_000))]).prefix(16_384)
                    ), message: five)
            ),
            (
                "no gRPC",
                call(on: 1, head: call(type: "application/json"), message: Array("{}".utf8))
            ),
            ("a method that is none", call(on: 1, head: call("DropOrders"), message: five)),
            (
                "a GET",
                frame(
                    1, flags: 5, on: 1,
                    block([
                        (":method", "GET"), (":scheme", "http"), (":path", "/"),
                        (":authority", "x"),
                    ]))
            ),
            (
                "a timeout of nonsense",
                call(on: 1, head: call(more: [("grpc-timeout", "-1x")]), message: five)
            ),
            (
                "a timeout of no time",
                call(on: 1, head: call(more: [("grpc-timeout", "0n")]), message: five)
            ),
            (
                "a compression that is none",
                call(
                    on: 1, head: call(more: [("grpc-encoding", "zipbomb")]),
                    message: [1, 0, 0, 0, 1, 0])
            ),
            (
                "a message of announced 4 GiB",
                call(on: 1, head: call(), message: [0, 0xFF, 0xFF, 0xFF, 0xFF] + five)
            ),
            ("half a message", call(on: 1, head: call(), message: [0, 0, 0, 0, 9, 1])),
            ("two messages", call(on: 1, head: call(), message: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
            ("no message", frame(1, flags: 5, on: 1, call())),
            (
                "a flag of compression that is none",
                call(on: 1, head: call(), message: [7, 0, 0, 0, 0])
            ),
            (
                "protobuf of garbage",
                call(on: 1, head: call(), message: [0, 0, 0, 0, 4, 0xFF, 0xFF, 0xFF, 0xFF])
            ),
            (
                "a text that is no UTF-8",
                call(on: 1, head: call(), message: [0, 0, 0, 0, 4, 0x0A, 0x02, 0xC3, 0x28])
            ),
            (
                "a length beyond the message",
                call(on: 1, head: call(), message: [0, 0, 0, 0, 3, 0x0A, 0x7F, 0x61])
            ),
            (
                "groups in groups",
                call(
                    on: 1, head: call(),
                    message: [0, 0, 0, 0x27, 0x10] + Array(repeating: 0x0B, count: 10_000))
            ),
            (
                "a message of 10 MiB",
                call(
                    on: 1, head: call(),
                    message: [0, 0, 0xA0, 0, 0] + Array(repeating: 0x61, count: 10_485_760))
            ),
        ].map { RPCRow($0.0, greeting + $0.1) }
    }

    private static var floods: [RPCRow] {
        func many(_ count: Int, _ make: (UInt32) -> [UInt8]) -> [UInt8] {
            greeting + (0..<UInt32(count)).flatMap { make($0) }
        }
        let head = call()
        return [
            RPCRow(
                "a rapid reset, 2,000 times",
                many(2_000) {
                    frame(1, flags: 4, on: 2 * $0 + 1, head)
                        + frame(3, on: 2 * $0 + 1, [0, 0, 0, 8])
                }),
            RPCRow(
                "1,000 calls that never say more",
                many(1_000) { frame(1, flags: 4, on: 2 * $0 + 1, head) }),
            RPCRow(
                "10,000 pings", many(10_000) { _ in frame(6, on: 0, Array(repeating: 0, count: 8)) }
            ),
            RPCRow("10,000 settings", many(10_000) { _ in frame(4, on: 0) }),
            RPCRow(
                "10,000 empty data",
                many(10_000) { $0 == 0 ? frame(1, flags: 4, on: 1, head) : frame(0, on: 1) }),
            RPCRow(
                "a header block without end",
                many(2_000) {
                    $0 == 0
                        ? frame(1, on: 1, head)
                        : frame(
                            9, on: 1, block([("x-\($0)", String(repeating: "y", count: 1_000))]))
                }),
            RPCRow(
                "10,000 priorities", many(10_000) { frame(2, on: 2 * $0 + 1, [0, 0, 0, 0, 16]) }),
            RPCRow("10,000 unknown frames", many(10_000) { frame(0xEE, on: $0, [0]) }),
        ]
    }
}

extension Array {
    fileprivate func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
