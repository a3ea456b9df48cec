/// What went wrong between this process and its broker.
///
/// No text here ever holds a password: it is made of host, port, the library's and the broker's own
/// words.
package struct AMQPError: Error, Sendable, Equatable {
    /// The kinds of failure a caller may want to tell apart.
    package enum Code: String, Sendable {
        /// The URL is none that can be used: nothing was tried.
        case invalidURL
        /// A message that AMQP cannot carry: nothing was sent, and the connection is as it was.
        case invalidMessage
        /// Nobody answers at the address, or not in time.
        case unreachable
        /// The broker knows neither this user nor this password, or does not let the user in.
        case accessRefused
        /// The broker has no such queue or virtual host.
        case notFound
        /// What exists differs from what was asked for: a queue with other properties (406).
        case preconditionFailed
        /// A wait met its deadline. The connection is discarded; what was unconfirmed is unknown.
        case timedOut
        /// The connection broke. What was unconfirmed is unknown.
        case connectionLost
        /// The broker closed the connection or the channel and said why.
        case closedByBroker
        /// A resource alarm: the broker takes no messages from this connection for now.
        case blocked
        /// The broker ended the consumer, as when its queue is deleted.
        case consumerCancelled
        /// This side closed the connection.
        case closed
    }

    /// The kind of failure.
    package let code: Code
    /// One sentence for the log.
    package let message: String
    /// AMQP's reply code, where the broker gave one: 320, 403, 404, 406, …
    package let replyCode: Int?

    /// - Parameters: as the properties. `message` must hold no secret.
    package init(_ code: Code, _ message: String, replyCode: Int? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
    }

    /// Whether the same call may succeed later, with nobody changing this program.
    ///
    /// A refused login is among them: a broker that is still loading its definitions refuses every
    /// user, and an operator may mend the password while messages wait. None of them is the
    /// message's fault.
    package var isTransient: Bool {
        switch code {
        case .invalidURL, .invalidMessage, .preconditionFailed: false
        case .unreachable, .accessRefused, .notFound, .timedOut, .connectionLost, .closedByBroker,
            .blocked, .consumerCancelled, .closed:
            true
        }
    }
}

extension AMQPError: CustomStringConvertible {
    package var description: String {
        replyCode.map { "\(code.rawValue) (\($0)): \(message)" } ?? "\(code.rawValue): \(message)"
    }
}
