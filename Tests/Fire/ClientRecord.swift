import Synchronization

/// Something that a customer wants once: the key's owner.
struct Intent: Sendable, Hashable {
    /// What is wanted.
    enum Work: Sendable, Hashable { case order, orderByRPC, deposit }

    let number: Int
    let work: Work
    let user: String
    let cents: Int

    /// The `Idempotency-Key` of every attempt.
    var key: String { "fire-\(number)" }
    /// An order's description: by it the books tell which intent an order comes from.
    var mark: String { "fire \(number)" }
    /// As the API has amounts.
    var amount: String { "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)" }
}

/// What the customers did and heard, kept on their side of the door: the books are held against it.
final class ClientRecord: Sendable {
    /// The record at one moment.
    struct State: Sendable {
        /// By number, whether it was answered or not.
        var intents: [Int: Intent] = [:]
        /// Of answered intents: the order's id, or nothing for a deposit.
        var acknowledged: [Int: String] = [:]
        /// Requests sent, repeats included.
        var attempts = 0
        /// Attempts without a word on what became of them: errors, 409, 429, 502, 503, 504.
        var unanswered = 0
        /// What no caller should see: other statuses, a repeat that gets another answer.
        var strange: [String] = []
        /// Ids of messages that somebody put on the queues and that must be parked, not believed.
        var planted: Set<String> = []
        /// Outcomes that say the contrary of an order's end, and that the broker has confirmed when
        /// no fault was about: by message id.
        var contrary: [String: Contrary] = [:]
        /// Copies of announcements that somebody put on the queue.
        var copies = 0
        /// Nobody wants anything new.
        var isClosing = false
    }

    /// An order that had its end when somebody said the contrary of it.
    struct Contrary: Sendable, Hashable {
        let order: String
        /// What it was then: PAID or FAILED.
        let end: String
    }

    private let state = Mutex(State())

    /// All of it.
    var now: State { state.withLock(\.self) }

    /// How much of it there is, for the line that tells how it goes.
    var progress: (attempts: Int, acknowledged: Int, unanswered: Int, open: Int) {
        state.withLock {
            (
                $0.attempts, $0.acknowledged.count, $0.unanswered,
                $0.intents.count - $0.acknowledged.count
            )
        }
    }

    /// Gives the next intent its number.
    func begin(_ work: Intent.Work, _ user: String, cents: Int) -> Intent {
        state.withLock { state in
            let intent = Intent(
                number: state.intents.count + 1, work: work, user: user, cents: cents)
            state.intents[intent.number] = intent
            return intent
        }
    }

    var isClosing: Bool { state.withLock(\.isClosing) }

    /// Has customers want nothing new.
    func close() { state.withLock { $0.isClosing = true } }

    func attempted() { state.withLock { $0.attempts += 1 } }

    func unanswered() { state.withLock { $0.unanswered += 1 } }

    /// A good answer; a second one must be the same.
    func acknowledged(_ intent: Intent, id: String) {
        state.withLock { state in
            if let first = state.acknowledged.updateValue(id, forKey: intent.number), first != id {
                state.strange.append("\(intent.key) was answered \(first), then \(id)")
            }
        }
    }

    func strange(_ line: String) { state.withLock { $0.strange.append(line) } }

    func planted(_ ids: [String]) { state.withLock { $0.planted.formUnion(ids) } }

    func contradicted(_ lies: [String: Contrary]) {
        state.withLock { $0.contrary.merge(lies) { $1 } }
    }

    func copied(_ count: Int) { state.withLock { $0.copies += count } }

    /// Some acknowledged orders, the newest among them, with their intents.
    func recentOrders(_ count: Int) -> [(intent: Intent, id: String)] {
        state.withLock { state in
            var recent: [(intent: Intent, id: String)] = []
            var number = state.intents.count
            while number > 0, recent.count < count {
                if let intent = state.intents[number], intent.work != .deposit,
                    let id = state.acknowledged[number]
                {
                    recent.append((intent, id))
                }
                number -= 1
            }
            return recent
        }
    }
}
