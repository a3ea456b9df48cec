import NIOCore

/// Wakes the clients of one event loop when their orders fall due, and lets them look at their
/// deadlines, with one timer for all of them: there are hundreds, and a timer for each costs a
/// fifth of what an order does.
///
/// What falls due within a millisecond goes out together. It counts as late by that much.
final class Pacer: NIOScheduledCallbackHandler {
    protocol Client: AnyObject {
        /// What was waited for is due.
        func wake()
    }

    protocol Watcher: AnyObject {
        /// Another tick has passed.
        func tick()
    }

    private static let stride = Duration.milliseconds(1)
    private let eventLoop: any EventLoop
    /// In the order of their moments, since orders are handed out in that order.
    private var waiting = CircularBuffer<(due: ContinuousClock.Instant, client: any Client)>()
    private var lastRound = ContinuousClock.now
    private var isSet = false
    private var watchers: [ObjectIdentifier: any Watcher] = [:]
    private var isTicking = false

    /// - Parameter eventLoop: of all who call this.
    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func wake(_ client: any Client, at due: ContinuousClock.Instant) {
        waiting.append((due, client))
        set(.now)
    }

    /// Has the watcher told of each tick from now on; the first may come early.
    ///
    /// - Parameter tick: the same for all.
    func watch(_ watcher: any Watcher, every tick: TimeAmount) {
        watchers[ObjectIdentifier(watcher)] = watcher
        guard !isTicking else { return }
        isTicking = true
        keepTicking(tick)
    }

    func unwatch(_ watcher: any Watcher) { watchers[ObjectIdentifier(watcher)] = nil }

    private func keepTicking(_ tick: TimeAmount) {
        eventLoop.assumeIsolated().scheduleTask(in: tick) {
            // A tick may end its watcher.
            for watcher in Array(self.watchers.values) { watcher.tick() }
            self.isTicking = !self.watchers.isEmpty
            if self.isTicking { self.keepTicking(tick) }
        }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        isSet = false
        let now = ContinuousClock.now
        lastRound = now
        while let first = waiting.first, first.due <= now {
            waiting.removeFirst()
            first.client.wake()
        }
        set(now)
    }

    private func set(_ now: ContinuousClock.Instant) {
        guard !isSet, let first = waiting.first else { return }
        let wait = now.duration(to: max(first.due, lastRound + Self.stride))
        // Fails on a loop that has ended, which no client outlives.
        isSet =
            (try? eventLoop.assumeIsolated().scheduleCallback(
                in: .nanoseconds(max(1, Int64(wait / .nanoseconds(1)))), handler: self)) != nil
    }
}
