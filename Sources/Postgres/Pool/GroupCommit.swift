import Synchronization

/// Natural batching: while one batch is under way the next one gathers, and no timer is involved.
///
/// An idle system answers at once, a busy one shares its round trips and commits. When a batch of
/// several fails its items are run one by one, so that a bad item cannot fail the others; not so
/// when the database itself is the trouble, or when the batch may have been committed.
///
/// A lock and not an actor: whoever submits items changes threads once, when they are answered.
package final class GroupCommit<Item: Sendable, Output: Sendable>: Sendable {
    /// Performs a batch: one output for each item, in their order, or an error for all of them.
    package typealias Perform = @concurrent @Sendable ([Item]) async throws -> [Output]
    /// What became of an item.
    package typealias Outcome = Result<Output, any Error>

    /// What came together goes together.
    private struct Entry {
        let id: UInt64
        let items: [Item]
        let arrived = ContinuousClock.now
        let continuation: CheckedContinuation<[Outcome], Never>

        func refuse(_ error: any Error) {
            continuation.resume(returning: items.map { _ in .failure(error) })
        }
    }

    private struct State {
        var waiting: [Entry] = []
        var waitingItems = 0
        var lastID: UInt64 = 0
        var running = 0
        var estimate = WaitEstimate(at: .now)
    }

    private let maxBatch: Int
    private let maxWaiting: Int
    private let waitLimit: Duration
    private let expectedWaitLimit: Duration
    private let concurrency: Int
    private let work: Perform
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maxBatch: items in one call of `perform` at most.
    ///   - maxWaiting: items that may wait for their batch; beyond it they are refused.
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
        work = perform
    }

    /// How many items wait for a batch, for metrics.
    package var waitingCount: Int { state.withLock { $0.waitingItems } }

    /// Has items performed with the next batch, each with its own outcome, in their order.
    ///
    /// An outcome is `PostgresError.overloaded` where too many wait already, or the wait would be
    /// too long, else what `perform` threw. Items whose caller is cancelled while they wait are
    /// withdrawn; those that were taken are performed all the same: the answer stays certain.
    ///
    /// - Parameter items: as many as fit into one batch, at most.
    package func submit(together items: [Item]) async -> [Outcome] {
        precondition(items.count <= maxBatch)
        guard !items.isEmpty else { return [] }
        let id: UInt64
        do throws(PostgresError) {
            id = try state.withLock { state throws(PostgresError) in
                try admit(items.count, state)
                state.lastID += 1
                return state.lastID
            }
        } catch {
            return items.map { _ in .failure(error) }
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(Entry(id: id, items: items, continuation: continuation))
            }
        } onCancel: {
            withdraw(id)
        }
    }

    private func admit(_ count: Int, _ state: State) throws(PostgresError) {
        guard state.waitingItems + count <= maxWaiting else {
            throw PostgresError(.overloaded, "\(state.waitingItems) wait for their batch already")
        }
        guard state.running >= concurrency else { return }
        let turns = Double(1 + state.waitingItems / maxBatch) / Double(concurrency)
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
            state.waitingItems += entry.items.count
            guard state.running < concurrency else { return (false, false) }
            state.running += 1
            // The queue moves from here on, not from when the batch gets its thread: those who
            // come in between have not waited since the last batch.
            state.estimate.began(at: .now)
            return (false, true)
        }
        if isCancelled { entry.refuse(CancellationError()) }
        guard isFirst else { return }
        // Where who came first runs, on its task executor if it has one: at rest a thread that has
        // to be woken costs an item more than what is done with it.
        let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
        Task(executorPreference: executor) { await self.begin() }
    }

    private func withdraw(_ id: UInt64) {
        let entry: Entry? = state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
            let entry = state.waiting.remove(at: place)
            state.waitingItems -= entry.items.count
            return entry
        }
        entry?.refuse(CancellationError())
    }

    /// Performs the first batch. What has gathered meanwhile tells of a busy hour, in which an
    /// event loop has better things to do than the batches behind it.
    private func begin() async {
        guard let first = take() else { return }
        // Who finds nobody at work has not waited, whatever the clock says.
        await perform(first)
        guard let next = take() else { return }
        Task { await drain(from: next) }
    }

    private func drain(from first: [Entry]) async {
        var next: [Entry]? = first
        while let taken = next {
            let latest = ContinuousClock.now - waitLimit
            await perform(
                taken.filter { entry in
                    guard entry.arrived < latest else { return true }
                    entry.refuse(PostgresError(.overloaded, "waited too long for its batch"))
                    return false
                })
            next = take()
        }
    }

    private func perform(_ batch: [Entry]) async {
        guard !batch.isEmpty else { return }
        let started = ContinuousClock.now
        state.withLock { $0.estimate.began(at: started) }
        var outcomes = await run(batch.flatMap(\.items))[...]
        let ended = ContinuousClock.now
        state.withLock { $0.estimate.ended(after: ended - started, at: ended) }
        for entry in batch {
            entry.continuation.resume(returning: Array(outcomes.prefix(entry.items.count)))
            outcomes = outcomes.dropFirst(entry.items.count)
        }
    }

    /// The next batch; nil, and nobody at work any more, where nothing waits.
    private func take() -> [Entry]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            var items = 0
            // Each entry fits by itself, so at least one is taken.
            let taken = Array(
                state.waiting.prefix { entry in
                    items += entry.items.count
                    return items <= maxBatch
                })
            state.waiting.removeFirst(taken.count)
            state.waitingItems -= taken.reduce(0) { $0 + $1.items.count }
            return taken
        }
    }

    private func run(_ items: [Item]) async -> [Outcome] {
        do {
            return try await outputs(items).map { .success($0) }
        } catch {
            guard items.count > 1, concernsItem(error) else {
                return items.map { _ in .failure(error) }
            }
            return await runOneByOne(items)
        }
    }

    /// Stops at the first failure of the database itself: the rest would only wait for the same.
    private func runOneByOne(_ items: [Item]) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for item in items {
            do {
                outcomes += try await outputs([item]).map { .success($0) }
            } catch {
                outcomes.append(.failure(error))
                guard !concernsItem(error) else { continue }
                outcomes += items[outcomes.count...].map { _ in .failure(error) }
                break
            }
        }
        return outcomes
    }

    private func outputs(_ items: [Item]) async throws -> [Output] {
        let outputs = try await work(items)
        guard outputs.count == items.count else {
            throw PostgresError(
                .unexpectedResult, "\(outputs.count) outputs for \(items.count) items")
        }
        return outputs
    }

    /// Whether an item may be at fault; a wrong count of outputs is a defect of `perform`,
    /// whose work is done and must not be repeated.
    private func concernsItem(_ error: any Error) -> Bool {
        if error is CancellationError { return false }
        guard let error = error as? PostgresError else { return true }
        return !error.isTransient && error.code != .unexpectedResult
    }
}
