import Synchronization

/// Natural batching: while one batch is under way the next one gathers, and no timer is involved.
///
/// An idle system answers at once, a busy one shares its round trips and commits. When a batch of
/// several fails its items are run one by one, so that a bad item cannot fail the others; not so
/// when the database itself is the trouble, or when the batch may have been committed.
///
/// A lock and not an actor: whoever submits an item changes threads once, when it is answered.
package final class GroupCommit<Item: Sendable, Output: Sendable>: Sendable {
    /// Performs a batch: one output for each item, in their order, or an error for all of them.
    package typealias Perform = @concurrent @Sendable ([Item]) async throws -> [Output]

    private struct Entry {
        let id: UInt64
        let item: Item
        let arrived = ContinuousClock.now
        let continuation: CheckedContinuation<Output, any Error>
    }

    private struct State {
        var waiting: [Entry] = []
        var lastID: UInt64 = 0
        var running = 0
        var estimate = WaitEstimate(at: .now)
    }

    private let maxBatch: Int
    private let maxWaiting: Int
    private let waitLimit: Duration
    private let expectedWaitLimit: Duration
    private let concurrency: Int
    private let perform: Perform
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maxBatch: items in one call of `perform` at most.
    ///   - maxWaiting: items that may wait for their batch; beyond it ``submit(_:)`` refuses.
    ///   - concurrency: batches under way at the same time.
    ///   - waitLimit: an item that has waited longer for its batch is refused: whoever sent it
    ///     has given up.
    ///   - expectedWaitLimit: an item that would have to wait longer, by what batches took lately,
    ///     is refused at once.
    ///   - perform: does the work; all or nothing.
    package init(
        maxBatch: Int = 256, maxWaiting: Int = 4_096, concurrency: Int = 1,
        waitLimit: Duration = .seconds(5), expectedWaitLimit: Duration = .seconds(3_600),
        perform: @escaping Perform
    ) {
        precondition(maxBatch > 0 && maxWaiting > 0 && concurrency > 0)
        self.maxBatch = maxBatch
        self.maxWaiting = maxWaiting
        self.concurrency = concurrency
        self.waitLimit = waitLimit
        self.expectedWaitLimit = expectedWaitLimit
        self.perform = perform
    }

    /// How many items wait for a batch, for metrics.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Has `item` performed with the next batch and gives its output.
    ///
    /// Throws `PostgresError.overloaded` when too many wait already, or the wait would be too long,
    /// else what `perform` threw. An item whose caller is cancelled while it waits is withdrawn;
    /// one that was taken is performed all the same: the answer stays certain.
    package func submit(_ item: Item) async throws -> Output {
        let id = try state.withLock { state in
            try admit(state)
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(Entry(id: id, item: item, continuation: continuation))
            }
        } onCancel: {
            withdraw(id)
        }
    }

    private func admit(_ state: State) throws(PostgresError) {
        guard state.waiting.count < maxWaiting else {
            throw PostgresError(.overloaded, "\(state.waiting.count) wait for their batch already")
        }
        guard state.running >= concurrency else { return }
        let turns = Double(1 + state.waiting.count / maxBatch) / Double(concurrency)
        guard state.estimate.wait(turns: turns, at: .now) <= expectedWaitLimit else {
            throw PostgresError(.overloaded, "the wait for a batch would be too long")
        }
    }

    /// A task is told that it is cancelled before its handler runs: either it is seen here, or
    /// ``withdraw(_:)`` finds the entry.
    private func enter(_ entry: Entry) {
        let (isCancelled, isFirst) = state.withLock { state in
            guard !Task.isCancelled else { return (true, false) }
            state.waiting.append(entry)
            guard state.running < concurrency else { return (false, false) }
            state.running += 1
            // The queue moves from here on, not from when the batch gets its thread: those who
            // come in between have not waited since the last batch.
            state.estimate.began(at: .now)
            return (false, true)
        }
        if isCancelled { entry.continuation.resume(throwing: CancellationError()) }
        if isFirst { Task { await drain() } }
    }

    private func withdraw(_ id: UInt64) {
        let entry = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        entry?.continuation.resume(throwing: CancellationError())
    }

    private func drain() async {
        // Who finds nobody at work has not waited, whatever the clock says.
        var latest: ContinuousClock.Instant?
        while let taken = take() {
            let batch = taken.filter { entry in
                guard let latest, entry.arrived < latest else { return true }
                entry.continuation.resume(
                    throwing: PostgresError(.overloaded, "waited too long for its batch"))
                return false
            }
            if !batch.isEmpty {
                let started = ContinuousClock.now
                state.withLock { $0.estimate.began(at: started) }
                await run(batch[...])
                let ended = ContinuousClock.now
                state.withLock { $0.estimate.ended(after: ended - started, at: ended) }
            }
            latest = ContinuousClock.now - waitLimit
        }
    }

    /// The next batch; nil, and nobody at work any more, where nothing waits.
    private func take() -> [Entry]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            let taken = Array(state.waiting.prefix(maxBatch))
            state.waiting.removeFirst(taken.count)
            return taken
        }
    }

    private func run(_ batch: ArraySlice<Entry>) async {
        do {
            let outputs = try await perform(batch.map(\.item))
            guard outputs.count == batch.count else {
                throw PostgresError(
                    .unexpectedResult, "\(outputs.count) outputs for \(batch.count) items")
            }
            for (entry, output) in zip(batch, outputs) {
                entry.continuation.resume(returning: output)
            }
        } catch {
            guard batch.count > 1, concernsItem(error) else {
                for entry in batch { entry.continuation.resume(throwing: error) }
                return
            }
            await runOneByOne(batch)
        }
    }

    /// Stops at the first failure of the database itself: the rest would only wait for the same.
    private func runOneByOne(_ batch: ArraySlice<Entry>) async {
        for (index, entry) in zip(batch.indices, batch) {
            do {
                let outputs = try await perform([entry.item])
                guard outputs.count == 1 else {
                    throw PostgresError(.unexpectedResult, "\(outputs.count) outputs for an item")
                }
                entry.continuation.resume(returning: outputs[0])
            } catch {
                entry.continuation.resume(throwing: error)
                guard !concernsItem(error) else { continue }
                for other in batch[(index + 1)...] { other.continuation.resume(throwing: error) }
                return
            }
        }
    }

    /// Whether an item may be at fault; a wrong count of outputs is a defect of `perform`,
    /// whose work is done and must not be repeated.
    private func concernsItem(_ error: any Error) -> Bool {
        if error is CancellationError { return false }
        guard let error = error as? PostgresError else { return true }
        return !error.isTransient && error.code != .unexpectedResult
    }
}
