import KassaModel
import KassaTerminal
import Synchronization

/// Where answers wait for the main thread. Its bound is the model's: every question that is under
/// way posts one event.
final class Mailbox: Sendable {
    private let events = Mutex<[Event]>([])
    private let waker: TerminalWaker

    init(waker: TerminalWaker) { self.waker = waker }

    func post(_ event: Event) {
        events.withLock { $0.append(event) }
        waker.wake()
    }

    /// Everything that waits, in the order of arrival.
    func take() -> [Event] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
