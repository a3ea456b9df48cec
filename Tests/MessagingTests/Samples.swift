import Logging
import Messaging
import SharedKernel
import TestDoubles

/// A logger that says nothing.
let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A message of the outbox whose id is made of a number.
func outboxMessage(_ number: Int, attempts: Int = 0) throws -> OutboxMessage {
    OutboxMessage(
        id: try messageID(number), type: "order_created", payload: Array("\(number)".utf8),
        headers: [:], createdAt: Timestamp(microseconds: 0), attempts: attempts)
}

/// A delivery whose body is a word.
func delivery(_ word: String, id: MessageID? = nil) -> Delivery {
    Delivery(messageID: id, type: "word", body: Array(word.utf8), queue: "words")
}
