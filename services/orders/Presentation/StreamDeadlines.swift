import NIOCore

/// A deadline that the streams of an event loop have in common, each from its beginning: one timer
/// for all of them, as nearly all have ended long before.
///
/// In order of arrival they are in order of time, too. Lives on its event loop.
final class StreamDeadlines: NIOScheduledCallbackHandler {
    private struct Entry {
        let due: NIODeadline
        var stream: CallStream?
    }

    private let limit: TimeAmount
    private let eventLoop: any EventLoop
    private var entries = CircularBuffer<Entry>()
    /// How many have been taken off the front.
    private var taken = 0
    private var isTicking = false

    /// - Parameter limit: what each stream has.
    init(_ limit: Duration, on eventLoop: any EventLoop) {
        self.limit = TimeAmount(limit)
        self.eventLoop = eventLoop
    }

    /// Takes a stream up, whose time begins.
    ///
    /// - Returns: by what it ``leave(_:)``s.
    func enter(_ stream: CallStream) -> Int {
        entries.append(Entry(due: .now() + limit, stream: stream))
        tick()
        return taken + entries.count - 1
    }

    /// Lets a stream go, due or not.
    func leave(_ ticket: Int) {
        guard ticket >= taken else { return }
        entries[offset: ticket - taken].stream = nil
        // One place is kept, so that a moment without streams does not cost a timer.
        while entries.count > 1, let first = entries.first, first.stream == nil { drop() }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        isTicking = false
        let now = NIODeadline.now()
        while let first = entries.first, first.due <= now || first.stream == nil {
            drop()
            first.stream?.lookAtTime()
        }
        tick()
    }

    private func tick() {
        guard !isTicking, let first = entries.first else { return }
        isTicking = true
        // Fails on a loop that has ended, which no stream outlives.
        _ = try? eventLoop.assumeIsolated().scheduleCallback(at: first.due, handler: self)
    }

    private func drop() {
        entries.removeFirst()
        taken += 1
    }
}
