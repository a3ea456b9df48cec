import JSON
import Messaging
import SharedKernel

/// Several messages that travel as one: for each a line that names it and a line that is its body,
/// both JSON, the way Elasticsearch's bulk requests have it.
///
/// What the broker does for a message costs more than what the message tells. Where many wait they
/// share that cost; where one comes alone it goes alone, as the contract has it. A bundle goes to a
/// queue of its own, which only consumers that can open it declare: who knows nothing of bundles
/// never meets one.
enum MessageBundle {
    /// RFC 6838's spelling of newline-delimited JSON, as most programs know it.
    static let contentType = "application/x-ndjson"
    /// The AMQP type of a bundle.
    static let type = "bundle"
    /// Messages in one bundle at most.
    static let countLimit = 128
    /// Bytes of one bundle at most: what a consumer takes whole (``AMQPLimits/body``), and a little
    /// room.
    static let byteLimit = 61_440

    /// Where bundles of a queue's messages go.
    static func queue(of queue: String) -> String { queue + ".bundles" }

    /// What a message takes in a bundle; nil where it cannot be part of one, because its body has
    /// several lines.
    static func lines(of message: OutboxMessage) -> [UInt8]? {
        let newline = UInt8(ascii: "\n")
        guard !message.payload.contains(newline) else { return nil }
        var name: [JSONValue.Member] = [
            .init("message_id", .string(message.id.description)),
            .init("type", .string(message.type)),
            .init("timestamp", .integer(max(0, message.createdAt.microseconds / 1_000_000))),
        ]
        if !message.headers.isEmpty {
            let headers = message.headers.map { JSONValue.Member($0.key, .string($0.value)) }
            name.append(.init("headers", .object(headers)))
        }
        var lines: [UInt8] = []
        lines.reserveCapacity(message.payload.count + 256)
        JSONValue.object(name).write(to: &lines)
        lines.append(newline)
        lines += message.payload
        lines.append(newline)
        return lines
    }

    /// How many messages a bundle holds; of one that cannot be opened, some number.
    static func count(in body: [UInt8]) -> Int {
        let newline = UInt8(ascii: "\n")
        return body.withUnsafeBufferPointer { bytes in bytes.count { $0 == newline } / 2 }
    }

    /// The messages of a bundle, as if each had come alone from `queue`; the bundle itself where it
    /// is none that can be read, for whoever finds out why.
    static func opened(_ bundle: Delivery, from queue: String) -> [Delivery] {
        guard bundle.excess == nil else { return [bundle] }
        let lines = bundle.body.split(separator: UInt8(ascii: "\n"))
        guard !lines.isEmpty, lines.count.isMultiple(of: 2), lines.count <= 2 * countLimit else {
            return [bundle]
        }
        var messages: [Delivery] = []
        messages.reserveCapacity(lines.count / 2)
        for position in stride(from: 0, to: lines.count, by: 2) {
            guard let name = try? JSONValue(parsing: Array(lines[position])),
                case .object = name
            else { return [bundle] }
            // The bundle's own headers tell who sent it, and when.
            var headers = bundle.headers
            if case .object(let members)? = name["headers"] {
                for member in members {
                    if let text = member.value.string { headers[member.name] = text }
                }
            }
            messages.append(
                Delivery(
                    messageID: name["message_id"]?.string.flatMap { MessageID($0) },
                    type: name["type"]?.string, body: Array(lines[position + 1]),
                    headers: headers, isRedelivered: bundle.isRedelivered,
                    sender: bundle.sender, queue: queue))
        }
        return messages
    }
}
