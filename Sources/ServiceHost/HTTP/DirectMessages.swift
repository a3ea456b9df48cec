import HTTPTypes
import NIOCore
import NIOHTTP1

extension HTTPFields {
    /// The fields that a door or a route reads. Nil where one of the others says something about
    /// the connection that only the ordinary way understands.
    init?(routed headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers {
            if let known = Self.routed.first(where: { $0.canonicalName.isSame(as: name) }) {
                append(HTTPField(name: known, value: value))
            } else if "connection".isSame(as: name), !"keep-alive".isSame(as: value) {
                return nil
            } else if "expect".isSame(as: name) || "upgrade".isSame(as: name) {
                return nil
            }
        }
    }

    private static let routed: [HTTPField.Name] = [
        .contentType, .requestID, .idempotencyKey, .authorization, .traceparent, .tracestate,
        .kassaCaller, .kassaCallerRole,
    ]
}

extension String {
    /// Whether a header's name or token is this one, which is written in small letters.
    fileprivate func isSame(as other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0 == $1 | 0x20 }
    }
}

extension BufferedResponse {
    /// The answer as HTTP/1.1 writes it.
    func encoded(requestID: String, closes: Bool) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(512 + body.readableBytes)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString("\(status.code) \(status.reasonPhrase)\r\n")
        func write(_ name: String, _ value: String) {
            bytes.writeString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
            bytes.writeStaticString("\r\n")
        }
        for field in headers where !Self.written.contains(field.name) {
            write(field.name.rawName, field.value)
        }
        if closes { write("Connection", "close") }
        write(HTTPField.Name.requestID.rawName, requestID)
        write("Content-Length", String(body.readableBytes))
        write("Date", HTTPDate.now)
        bytes.writeStaticString("\r\n")
        bytes.writeImmutableBuffer(body)
        return bytes
    }

    /// What the door itself writes.
    private static let written: Set<HTTPField.Name> = [
        .connection, .requestID, .contentLength, .date,
    ]
}
