import Synchronization

/// Natural batching for whoever needs no task to wait in: while batches are under way the next one
/// gathers, and no timer is involved. Who comes alone goes at once, and alone.
///
/// A lock and not an actor: what comes in is put down where it comes in, on an event loop as well
/// as in a task.
package final class Gathering<Item: Sendable, Answer: Sendable>: Sendable {
    /// What became of an item.
    package typealias Outcome = Result<Answer, any Error>
    /// Takes an item's own outcome, once, on any thread.
    package typealias Completion = @Sendable (_ outcome: Outcome) -> Void
    /// Performs a batch: one outcome for each item, in their order.
    package typealias Perform = @concurrent @Sendable (_ items: [Item]) async -> [Outcome]

    /// As many wait as may.
    package struct Full: Error {
        /// How many.
        package let waiting: Int
    }

    /// What a batch holds at most.
    package struct Bounds: Sendable {
        /// Items.
        package var count: Int
        /// The sum of their sizes.
        package var size: Int

        /// - Parameters: as the properties; each item's size must be below the sum's bound.
        package init(count: Int, size: Int = .max) {
            self.count = count
            self.size = size
        }
    }

    private struct Entry {
        let id: UInt64
        let item: Item
        let size: Int
        let complete: Completion
    }

    private struct State {
        var waiting: [Entry] = []
        var lastID: UInt64 = 0
        var running = 0
    }

    private let concurrency: Int
    private let bounds: Bounds
    private let waitingLimit: Int
    private let perform: Perform
    private let state = Mutex(State())

    /// - Parameters:
    ///   - concurrency: batches under way at the same time.
    ///   - bounds: of a batch.
    ///   - waitingLimit: items that may wait for their batch.
    ///   - perform: does a batch's work.
    package init(
        concurrency: Int, bounds: Bounds, waitingLimit: Int = 4_096, perform: @escaping Perform
    ) {
        precondition(concurrency > 0 && bounds.count > 0)
        self.concurrency = concurrency
        self.bounds = bounds
        self.waitingLimit = waitingLimit
        self.perform = perform
    }

    /// How many items wait for their batch.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Has an item performed with the next batch.
    ///
    /// - Parameters:
    ///   - size: of what ``Bounds/size`` bounds.
    ///   - complete: given the item's outcome, where this has not thrown.
    /// - Returns: by what it may be withdrawn while it waits.
    /// - Throws: ``Full``.
    @discardableResult
    package func submit(
        _ item: Item, size: Int = 0, _ complete: @escaping Completion
    ) throws(Full) -> UInt64 {
        let (id, isFirst) = try state.withLock { state throws(Full) in
            guard state.waiting.count < waitingLimit else {
                throw Full(waiting: state.waiting.count)
            }
            state.lastID += 1
            state.waiting.append(
                Entry(id: state.lastID, item: item, size: size, complete: complete))
            guard state.running < concurrency else { return (state.lastID, false) }
            state.running += 1
            return (state.lastID, true)
        }
        if isFirst {
            Task(executorPreference: EventLoopGroupTaskExecutor.doors) { await self.drain() }
        }
        return id
    }

    /// The same for a task, which waits. Withdrawn where it is cancelled before the item's batch is
    /// under way.
    ///
    /// - Throws: ``Full``, `CancellationError`, or what became of the item.
    package func submit(_ item: Item, size: Int = 0) async throws -> Answer {
        let ticket = Mutex<UInt64?>(nil)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    let id = try submit(item, size: size) { continuation.resume(with: $0) }
                    ticket.withLock { $0 = id }
                    // Cancelled before it had its ticket, the handler found nothing to withdraw.
                    if Task.isCancelled { withdraw(id) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            if let id = ticket.withLock({ $0 }) { withdraw(id) }
        }
    }

    /// Ends an item's wait with `CancellationError`; does nothing for one whose batch is under way.
    package func withdraw(_ id: UInt64) {
        let entry = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        entry?.complete(.failure(CancellationError()))
    }

    private func drain() async {
        while let batch = take() {
            let outcomes = await perform(batch.map(\.item))
            for (place, entry) in batch.enumerated() {
                // A batch without an outcome for each is a defect of who performs it.
                entry.complete(
                    place < outcomes.count ? outcomes[place] : .failure(MissingOutcome()))
            }
        }
    }

    /// The next batch; nil, and one fewer under way, where nothing waits.
    private func take() -> [Entry]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            var size = 0
            var fitting = Array(
                state.waiting.prefix(bounds.count).prefix { entry in
                    size += entry.size
                    return size <= bounds.size
                })
            if fitting.isEmpty { fitting = Array(state.waiting.prefix(1)) }
            state.waiting.removeFirst(fitting.count)
            return fitting
        }
    }
}

private struct MissingOutcome: Error {}
