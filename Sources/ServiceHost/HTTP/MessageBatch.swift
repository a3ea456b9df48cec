package import HTTPTypes
package import NIOCore

/// Requests, or the answers to them, that travel as one message between a gateway and a service.
///
/// At a busy hour a request's way from process to process costs more than what is done at its end;
/// together they pay for it once. Each message is written as a line with its status (`-` for a
/// request) and its body's length, its header fields, an empty line, and its body:
///
///     201 11
///     content-type: application/json
///
///     {"a":"b"}
package struct MessageBatch: Sendable {
    /// One of them.
    package struct Message: Sendable {
        /// An answer's status; nil for a request.
        package var status: HTTPResponse.Status?
        /// Its header fields; none may stand for the message's length.
        package var headers: HTTPFields
        /// Its body, whole.
        package var body: ByteBuffer

        /// - Parameters: as the properties.
        package init(
            status: HTTPResponse.Status? = nil, headers: HTTPFields = [:],
            body: ByteBuffer = ByteBuffer()
        ) {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    /// A text that is no batch, or one that is too large.
    package struct Unreadable: Error {}

    /// `Content-Type` of a batch.
    package static let mediaType = "application/vnd.kassa.batch"
    /// What a path gets behind it where batches of requests to it are taken.
    package static let pathSuffix = "/batch"
    /// The most messages in one batch.
    package static let countLimit = 256
    /// The most bytes of a batch of requests.
    package static let byteLimit = 262_144

    /// In the order of the requests.
    package let messages: [Message]

    /// - Parameter messages: at most ``countLimit``.
    package init(_ messages: [Message]) { self.messages = messages }

    /// The batch as bytes.
    package var encoded: ByteBuffer {
        var buffer = ByteBuffer()
        for message in messages {
            let status = message.status.map { String($0.code) } ?? "-"
            buffer.writeString("\(status) \(message.body.readableBytes)\n")
            for field in message.headers {
                buffer.writeString(field.name.canonicalName)
                buffer.writeStaticString(": ")
                buffer.writeString(field.value)
                buffer.writeStaticString("\n")
            }
            buffer.writeStaticString("\n")
            buffer.writeImmutableBuffer(message.body)
        }
        return buffer
    }

    /// Reads a batch.
    ///
    /// - Throws: ``Unreadable`` for what is none, or holds more than ``countLimit`` messages.
    package init(parsing bytes: ByteBuffer) throws(Unreadable) {
        var rest = bytes
        var messages: [Message] = []
        while rest.readableBytes > 0 {
            guard messages.count < Self.countLimit else { throw Unreadable() }
            messages.append(try Self.message(&rest))
        }
        self.messages = messages
    }

    private static func message(_ rest: inout ByteBuffer) throws(Unreadable) -> Message {
        let start = try line(&rest).split(separator: " ")
        guard start.count == 2, let length = Int(start[1]), (0...rest.readableBytes) ~= length
        else { throw Unreadable() }
        var message = Message()
        if start[0] != "-" {
            guard let code = Int(start[0]), (200...599) ~= code else { throw Unreadable() }
            message.status = HTTPResponse.Status(code: code)
        }
        while let field = try field(&rest) { message.headers.append(field) }
        guard let body = rest.readSlice(length: length) else { throw Unreadable() }
        message.body = body
        return message
    }

    /// Reads a header field; nil at the empty line behind the last.
    private static func field(_ rest: inout ByteBuffer) throws(Unreadable) -> HTTPField? {
        let length = try lineLength(rest)
        let colon = rest.withUnsafeReadableBytes {
            $0.prefix(length).firstIndex(of: UInt8(ascii: ":"))
        }
        guard length > 0 else {
            rest.moveReaderIndex(forwardBy: 1)
            return nil
        }
        guard let colon, let text = rest.readString(length: colon),
            let name = HTTPField.Name(text)
        else { throw Unreadable() }
        rest.moveReaderIndex(forwardBy: 1)
        let blanks = rest.withUnsafeReadableBytes { bytes in
            bytes.prefix(length - colon - 1).prefix { $0 == UInt8(ascii: " ") }.count
        }
        rest.moveReaderIndex(forwardBy: blanks)
        guard let value = rest.readString(length: length - colon - 1 - blanks) else {
            throw Unreadable()
        }
        rest.moveReaderIndex(forwardBy: 1)
        return HTTPField(name: name, value: value)
    }

    private static func line(_ rest: inout ByteBuffer) throws(Unreadable) -> String {
        guard let text = rest.readString(length: try lineLength(rest)) else { throw Unreadable() }
        rest.moveReaderIndex(forwardBy: 1)
        return text
    }

    /// Bytes before the next line's end.
    private static func lineLength(_ rest: ByteBuffer) throws(Unreadable) -> Int {
        let end = rest.withUnsafeReadableBytes {
            $0.prefix(16_384).firstIndex(of: UInt8(ascii: "\n"))
        }
        guard let end else { throw Unreadable() }
        return end
    }
}
