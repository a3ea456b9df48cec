import CRabbitMQ
import Failpoint

/// What the publishing half of a connection remembers.
struct PublisherState {
    var isConfirming = false
    var nextTag: UInt64 = 1
    /// The publish under way.
    var window: ConfirmWindow?

    mutating func settle(_ tag: UInt64, multiple: Bool, as result: PublishResult) {
        window?.settle(tag: tag, multiple: multiple, as: result)
    }

    mutating func returned(queue: String, messageID: String?, code: Int, text: String) {
        window?.returned(queue: queue, messageID: messageID, code: code, text: text)
    }
}

extension AMQPConnection {
    /// Makes the broker answer for every message from now on. Once per connection, before
    /// publishing.
    package func enableConfirms() throws {
        try request("confirm.select") { amqp_confirm_select($0.pointer, 1) != nil }
        publisher.isConfirming = true
    }

    /// Publishes a window of messages, persistent and mandatory, in their order, and waits until
    /// the broker has answered for each: the results are as many and in the same order.
    ///
    /// It holds the connection's thread meanwhile, so calls take turns. The connection's user is
    /// sent along; the broker refuses any other.
    /// - Parameters:
    ///   - messages: at most ``AMQPLimits/window``.
    ///   - stamp: headers that each message carries beside its own; none of the same name.
    /// - Throws: ``AMQPError`` `.invalidMessage` (nothing was sent), `.blocked` (an alarm; what was
    ///   sent may or may not arrive), `.timedOut` after ``AMQPLimits/confirm``, or what ended the
    ///   connection. After all but the first two the connection is gone and what was not confirmed
    ///   is unknown.
    package func publish(
        _ messages: [AMQPMessage], stamp: [String: String] = [:]
    ) throws -> [PublishResult] {
        guard messages.count <= AMQPLimits.window else {
            throw AMQPError(.invalidMessage, "More than \(AMQPLimits.window) messages at once.")
        }
        for message in messages { try message.validate() }
        precondition(publisher.isConfirming, "Publishing needs enableConfirms() first.")
        let deadline = ContinuousClock.now + limits.confirm
        publisher.window = ConfirmWindow(firstTag: publisher.nextTag)
        defer { publisher.window = nil }
        try live().link.supervised(until: deadline) {
            try write(messages, stamp, until: deadline)
            failpoint("relay.after-publish")
            try awaitConfirms(until: deadline)
        }
        return (publisher.window?.results ?? []).compactMap(\.self)
    }

    private func write(
        _ messages: [AMQPMessage], _ stamp: [String: String],
        until deadline: ContinuousClock.Instant
    ) throws {
        for message in messages {
            // Before every message: the library would hang in a publish after two missed
            // heartbeats, and here it finds them; answers and alarms are taken in as well.
            drain()
            try requireUnblocked()
            publisher.window?.add(queue: message.queue, messageID: message.messageID)
            publisher.nextTag += 1
            try send("Publish", within: deadline - .now) { library in
                library.publish(message, stamp: stamp, as: url.user)
            }
        }
    }

    private func awaitConfirms(until deadline: ContinuousClock.Instant) throws {
        while let open = publisher.window?.outstanding, open > 0 {
            let rest = deadline - .now
            guard rest > .zero else {
                throw end(
                    AMQPError(.timedOut, "\(open) messages were not confirmed in time."))
            }
            _ = receive(within: rest)
            try requireUnblocked()
        }
    }

    private func requireUnblocked() throws {
        switch status {
        case .open: return
        case .blocked(let reason): throw AMQPError(.blocked, "The broker has an alarm: \(reason).")
        case .closed(let error): throw error
        }
    }
}
