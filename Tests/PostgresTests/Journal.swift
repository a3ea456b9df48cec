import Synchronization

/// What concurrent tasks wrote down, in the order in which they did.
final class Journal<Entry: Sendable>: Sendable {
    private let lines = Mutex<[Entry]>([])

    var entries: [Entry] { lines.withLock { $0 } }

    func append(_ entry: Entry) { lines.withLock { $0.append(entry) } }
}
