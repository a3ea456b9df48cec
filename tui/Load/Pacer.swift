import NIOCore

/// Wakes the clients of one event loop when their orders fall due, and lets them look at their
/// deadlines, with one timer for all of them: there are hundreds, and a timer for each costs a
/// fifth of what an order does.
///
/// What falls due within a millisecond goes out together. It counts as late by that much. Who has
/// waited for the shortest time goes first, as in the pools of most clients: so no more connections
/// are busy than have to be, and those are still in everybody's caches.
final class Pacer: NIOScheduledCallbackHandler {
    protocol Client: AnyObject {
        /// An order may be due. One that is not takes the client back to waiting.
        func wake()
    }

    protocol Watcher: AnyObject {
        /// Another tick has passed.
        func tick()
    }

    private static let stride = Duration.milliseconds(1)
    private let eventLoop: any EventLoop
    /// The last one goes first.
    private var waiting: [any Client] = []
    /// When the next order is due; it never moves back.
    private var due = ContinuousClock.now
    private var lastRound = ContinuousClock.now
    private var isSet = false
    private var watchers: [ObjectIdentifier: any Watcher] = [:]
    private var isTicking = false

    /// - Parameter eventLoop: of all who call this.
    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Wakes the client for one of the orders that fall due from then on.
    func wake(_ client: any Client, from due: ContinuousClock.Instant) {
        waiting.append(client)
        self.due = due
        set(.now)
    }

    /// How many wait.
    var waitingCount: Int { waiting.count }

    /// The client waits no more. That is seldom, so that it may be looked for.
    func forget(_ client: any Client) { waiting.removeAll { $0 === client } }

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
        while due <= now, let client = waiting.popLast() { client.wake() }
        set(now)
    }

    private func set(_ now: ContinuousClock.Instant) {
        guard !isSet, !waiting.isEmpty else { return }
        let wait = now.duration(to: max(due, lastRound + Self.stride))
        // Fails on a loop that has ended, which no client outlives.
        isSet =
            (try? eventLoop.assumeIsolated().scheduleCallback(
                in: .nanoseconds(max(1, Int64(wait / .nanoseconds(1)))), handler: self)) != nil
    }
}
