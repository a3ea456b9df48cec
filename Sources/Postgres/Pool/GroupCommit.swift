/// Natural batching: while one batch is under way the next one gathers, and no timer is involved.
///
/// An idle system answers at once, a busy one shares its round trips and commits. When a batch of
/// several fails its items are run one by one, so that a bad item cannot fail the others; not so
/// when the database itself is the trouble, or when the batch may have been committed.
package actor GroupCommit<Item: Sendable, Output: Sendable> {
    /// Performs a batch: one output for each item, in their order, or an error for all of them.
    package typealias Perform = @concurrent @Sendable ([Item]) async throws -> [Output]

    private struct Entry {
        let id: UInt64
        let item: Item
        let arrived = ContinuousClock.now
        let continuation: CheckedContinuation<Output, any Error>
    }

    private let maxBatch: Int
    private let maxWaiting: Int
    private let waitLimit: Duration
    private let expectedWaitLimit: Duration
    private let concurrency: Int
    private let perform: Perform
    private var waiting: [Entry] = []
    private var lastID: UInt64 = 0
    private var running = 0
    private var estimate = WaitEstimate(at: .now)

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
    package var waitingCount: Int { waiting.count }

    /// Has `item` performed with the next batch and gives its output.
    ///
    /// Throws `PostgresError.overloaded` when too many wait already, or the wait would be too long,
    /// else what `perform` threw. An item whose caller is cancelled while it waits is withdrawn;
    /// one that was taken is performed all the same: the answer stays certain.
    package func submit(_ item: Item) async throws -> Output {
        try admit()
        lastID += 1
        let id = lastID
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(throwing: CancellationError())
                }
                waiting.append(Entry(id: id, item: item, continuation: continuation))
                guard running < concurrency else { return }
                running += 1
                // The queue moves from here on, not from when the batch gets its thread: those who
                // come in between have not waited since the last batch.
                estimate.began(at: .now)
                Task { await drain() }
            }
        } onCancel: {
            Task { await self.withdraw(id) }
        }
    }

    private func admit() throws(PostgresError) {
        guard waiting.count < maxWaiting else {
            throw PostgresError(.overloaded, "\(waiting.count) wait for their batch already")
        }
        guard running >= concurrency else { return }
        let turns = Double(1 + waiting.count / maxBatch) / Double(concurrency)
        guard estimate.wait(turns: turns, at: .now) <= expectedWaitLimit else {
            throw PostgresError(.overloaded, "the wait for a batch would be too long")
        }
    }

    private func withdraw(_ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func drain() async {
        // Who finds nobody at work has not waited, whatever the clock says.
        var latest: ContinuousClock.Instant?
        while !waiting.isEmpty {
            let taken = waiting.prefix(maxBatch)
            waiting.removeFirst(taken.count)
            let batch = taken.filter { entry in
                guard let latest, entry.arrived < latest else { return true }
                entry.continuation.resume(
                    throwing: PostgresError(.overloaded, "waited too long for its batch"))
                return false
            }
            if !batch.isEmpty {
                let started = ContinuousClock.now
                estimate.began(at: started)
                await run(batch[...])
                estimate.ended(after: .now - started, at: .now)
            }
            latest = ContinuousClock.now - waitLimit
        }
        running -= 1
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
