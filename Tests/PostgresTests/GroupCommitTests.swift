import Dispatch
import Postgres
import TestSupport
import Testing

/// Records the batches it is given and holds each until it is let go.
private final class Batches: Sendable {
    private let seen = Journal<[Int]>()
    private let permits: AsyncStream<Void>
    private let allow: AsyncStream<Void>.Continuation

    init() { (permits, allow) = AsyncStream.makeStream(of: Void.self) }

    var all: [[Int]] { seen.entries }

    func letAllGo() { allow.finish() }

    func take(_ items: [Int]) async -> [Int] {
        seen.append(items)
        for await _ in permits { break }
        return items.map { $0 * 10 }
    }
}

extension GroupCommit {
    fileprivate func submit(_ item: Item) async throws -> Output {
        try (try #require(await submit(together: [item]).first)).get()
    }
}

@Suite struct GroupCommitTests {
    private struct Poison: Error {}

    @Test func `an idle one performs an item at once and alone`() async throws {
        let commits = GroupCommit<Int, Int> { $0.map { $0 + 1 } }
        #expect(try await commits.submit(1) == 2)
        #expect(try await commits.submit(2) == 3)
    }

    @Test func `who comes first is served where it runs, and what gathers meanwhile elsewhere`()
        async throws
    {
        let loop = OneByOne()
        let served = Journal<Bool>()
        let gathered = AsyncStream.makeStream(of: Void.self)
        let commits = GroupCommit<Int, Int> { items in
            let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
            served.append(executor === loop)
            if served.entries.count == 1 { for await _ in gathered.stream { break } }
            return items
        }
        try await withTaskExecutorPreference(loop) {
            async let first = commits.submit(1)
            try await eventually { served.entries.count == 1 }
            async let second = commits.submit(2)
            try await eventually { commits.waitingCount == 1 }
            gathered.continuation.yield()
            #expect(try await [first, second] == [1, 2])
        }
        #expect(served.entries == [true, false])
    }

    @Test func `what arrives while a batch is under way shares the next one`() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(maxBatch: 3, waitLimit: .seconds(60)) {
            await batches.take($0)
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await commits.submit(0) == 0 }
            try await eventually { batches.all.count == 1 }
            for item in 1...5 {
                group.addTask { try await commits.submit(item) == item * 10 }
                try await eventually { commits.waitingCount == item }
            }
            batches.letAllGo()
            for try await isOwn in group { #expect(isOwn, "each has its own output") }
        }
        #expect(batches.all == [[0], [1, 2, 3], [4, 5]])
    }

    @Test func `who has waited too long is refused, and not performed behind his back`()
        async throws
    {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(waitLimit: .zero) { await batches.take($0) }
        let first = Task { try await commits.submit(0) }
        try await eventually { batches.all.count == 1 }
        let second = Task { try await commits.submit(1) }
        try await eventually { commits.waitingCount == 1 }
        batches.letAllGo()
        #expect(try await first.value == 0)
        await #expect(throws: PostgresError.self) { _ = try await second.value }
        #expect(batches.all == [[0]])
    }

    @Test func `trouble that may pass is told to all, and not tried item by item`() async throws {
        let tries = Journal<[Int]>()
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(waitLimit: .seconds(60)) { items in
            tries.append(items)
            _ = await batches.take(items)
            throw PostgresError(.statementTimedOut, "too slow")
        }
        let first = Task { try await commits.submit(0) }
        try await eventually { tries.entries.count == 1 }
        let second = Task { try await commits.submit(1) }
        let third = Task { try await commits.submit(2) }
        try await eventually { commits.waitingCount == 2 }
        batches.letAllGo()
        await #expect(throws: PostgresError.self) { _ = try await first.value }
        await #expect(throws: PostgresError.self) { _ = try await second.value }
        await #expect(throws: PostgresError.self) { _ = try await third.value }
        #expect(tries.entries.count == 2)
    }

    @Test func `what is submitted together goes together, each with its own outcome`() async throws
    {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(maxBatch: 4, waitLimit: .seconds(60)) { items in
            let outputs = await batches.take(items)
            if items.contains(3) { throw Poison() }
            return outputs
        }
        async let first = commits.submit(0)
        try await eventually { batches.all.count == 1 }
        async let together = commits.submit(together: [1, 2, 3])
        try await eventually { commits.waitingCount == 3 }
        async let pair = commits.submit(together: [4, 5])
        try await eventually { commits.waitingCount == 5 }
        batches.letAllGo()
        #expect(try await first == 0)
        let outcomes = await together
        #expect(try outcomes.prefix(2).map { try $0.get() } == [10, 20])
        #expect(throws: Poison.self) { try outcomes[2].get() }
        #expect(try await pair.map { try $0.get() } == [40, 50])
        // Two that do not fit into one batch are not torn apart.
        #expect(batches.all == [[0], [1, 2, 3], [1], [2], [3], [4, 5]])
        #expect(await commits.submit(together: []).isEmpty)
    }

    @Test func `those who came together are refused, or withdrawn, together`() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(maxWaiting: 3, waitLimit: .seconds(60)) {
            await batches.take($0)
        }
        let first = Task { try await commits.submit(0) }
        try await eventually { batches.all.count == 1 }
        let waiting = Task { await commits.submit(together: [1, 2]) }
        try await eventually { commits.waitingCount == 2 }
        for outcome in await commits.submit(together: [3, 4]) {
            let error = #expect(throws: PostgresError.self) { try outcome.get() }
            #expect(error?.code == .overloaded)
        }
        waiting.cancel()
        for outcome in await waiting.value {
            #expect(throws: CancellationError.self) { try outcome.get() }
        }
        #expect(commits.waitingCount == 0)
        batches.letAllGo()
        #expect(try await first.value == 0)
        #expect(batches.all == [[0]])
    }

    @Test func `as many batches are under way as allowed, and no more`() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(
            maxBatch: 1, concurrency: 2, waitLimit: .seconds(60)
        ) { await batches.take($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for item in 0..<4 { group.addTask { _ = try await commits.submit(item) } }
            try await eventually { commits.waitingCount == 2 }
            #expect(batches.all.count <= 2)
            batches.letAllGo()
            try await group.waitForAll()
        }
        #expect(batches.all.count == 4)
    }

    @Test func `one item too many is refused at once`() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(maxWaiting: 2, waitLimit: .seconds(60)) {
            await batches.take($0)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await commits.submit(0) }
            try await eventually { batches.all.count == 1 }
            for item in 1...2 { group.addTask { _ = try await commits.submit(item) } }
            try await eventually { commits.waitingCount == 2 }
            let error = await #expect(throws: PostgresError.self) {
                try await commits.submit(3)
            }
            #expect(error?.code == .overloaded)
            #expect(error?.isTransient == true)
            batches.letAllGo()
            try await group.waitForAll()
        }
        #expect(batches.all.flatMap(\.self).sorted() == [0, 1, 2])
    }

    @Test func `an item that would wait too long is refused at once, before it waits at all`()
        async throws
    {
        let batches = Batches()
        let commits = GroupCommit<Int, Int>(expectedWaitLimit: .zero) { await batches.take($0) }
        let first = Task { try await commits.submit(0) }
        try await eventually { batches.all.count == 1 }
        // The batch under way has taken longer than nothing already.
        let error = await #expect(throws: PostgresError.self) { try await commits.submit(1) }
        #expect(error?.code == .overloaded)
        #expect(commits.waitingCount == 0)
        batches.letAllGo()
        #expect(try await first.value == 0)
        // Whoever finds nobody at work does not wait, whatever the last batch took.
        #expect(try await commits.submit(2) == 20)
    }

    @Test func `those who come together after a rest are not told to wait as long as it was`()
        async throws
    {
        let commits = GroupCommit<Int, Int>(expectedWaitLimit: .seconds(2)) { $0.map { $0 * 10 } }
        // On one thread, as an event loop's: all are there before the first batch begins.
        let line = OneByOne()
        try? await eventually(within: .milliseconds(2_100), "nobody comes") { false }
        let outputs = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 {
                group.addTask(executorPreference: line) { try await commits.submit(number) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outputs.sorted() == (0..<50).map { $0 * 10 })
    }

    @Test func `an item whose caller gives up while it waits is withdrawn`() async throws {
        let batches = Batches()
        let commits = GroupCommit<Int, Int> { await batches.take($0) }
        let first = Task { try await commits.submit(0) }
        try await eventually { batches.all.count == 1 }
        let second = Task { try await commits.submit(1) }
        try await eventually { commits.waitingCount == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { _ = try await second.value }
        #expect(commits.waitingCount == 0)
        // One that was taken is finished.
        first.cancel()
        batches.letAllGo()
        #expect(try await first.value == 0)
        #expect(batches.all == [[0]])
    }

    /// Gates the first batch, so that items 1 to 4 are one batch, and gives how each ended.
    private func outcomes(
        _ perform: @escaping @Sendable ([Int]) async throws -> [Int]
    ) async throws -> [Int: Result<Int, any Error>] {
        let batches = Batches()
        let commits = GroupCommit<Int, Int> { items in
            items == [0] ? await batches.take(items) : try await perform(items)
        }
        return try await withThrowingTaskGroup(of: (Int, Result<Int, any Error>).self) { group in
            for item in 0...4 {
                group.addTask {
                    do {
                        return (item, .success(try await commits.submit(item)))
                    } catch {
                        return (item, .failure(error))
                    }
                }
                try await eventually {
                    let waiting = commits.waitingCount
                    return batches.all.count == 1 && waiting == item
                }
            }
            batches.letAllGo()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test func `a bad item fails alone`() async throws {
        let calls = Journal<[Int]>()
        let outcomes = try await outcomes { items in
            calls.append(items)
            if items.contains(3) { throw Poison() }
            return items
        }
        #expect(calls.entries == [[1, 2, 3, 4], [1], [2], [3], [4]])
        for item in [1, 2, 4] { #expect(try outcomes[item]?.get() == item) }
        #expect(throws: Poison.self) { try outcomes[3]?.get() }
    }

    @Test(arguments: [PostgresError.Code.outcomeUnknown, .timedOut, .unreachable])
    func `a batch that the database failed is not taken apart`(
        code: PostgresError.Code
    ) async throws {
        let calls = Journal<[Int]>()
        let outcomes = try await outcomes { items in
            calls.append(items)
            throw PostgresError(code, "")
        }
        #expect(calls.entries.count == 1)
        for item in 1...4 {
            #expect(throws: PostgresError(code, "")) { try outcomes[item]?.get() }
        }
    }

    @Test func `one by one stops when the database goes away`() async throws {
        let calls = Journal<[Int]>()
        let outcomes = try await outcomes { items in
            calls.append(items)
            if items.count > 1 { throw Poison() }
            if items == [2] { throw PostgresError(.unreachable, "") }
            return items
        }
        #expect(calls.entries == [[1, 2, 3, 4], [1], [2]])
        #expect(try outcomes[1]?.get() == 1)
        for item in 2...4 {
            #expect(throws: PostgresError(.unreachable, "")) { try outcomes[item]?.get() }
        }
    }

    @Test func `a wrong number of outputs is an error for all, and nothing is repeated`()
        async throws
    {
        let calls = Journal<[Int]>()
        let outcomes = try await outcomes { items in
            calls.append(items)
            return [1]
        }
        #expect(calls.entries.count == 1)
        for item in 1...4 {
            #expect(throws: PostgresError.self) { try outcomes[item]?.get() }
        }
    }
}

/// One thread's worth of work at a time, in the order in which it came.
private final class OneByOne: TaskExecutor {
    private let queue = DispatchQueue(label: "one by one")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
