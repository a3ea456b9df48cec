import ServiceHost
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct GatheringTests {
    /// Records the batches it is given and holds each until it is let go.
    private final class Batches: Sendable {
        private let seen = Mutex<[[Int]]>([])
        private let gate = StartGate()

        var all: [[Int]] { seen.withLock { $0 } }

        func letAllGo() { gate.open() }

        func take(_ items: [Int]) async -> [Result<Int, any Error>] {
            seen.withLock { $0.append(items) }
            await gate.opened()
            return items.map { .success($0 * 10) }
        }
    }

    @Test func `who comes alone goes at once, and those who come meanwhile go together`()
        async throws
    {
        let batches = Batches()
        let gathering = Gathering<Int, Int>(concurrency: 2, bounds: .init(count: 3)) {
            await batches.take($0)
        }
        let answers = Mutex<[Int: Int]>([:])
        for item in 0..<2 {
            try gathering.submit(item) { outcome in
                answers.withLock { $0[item] = try? outcome.get() }
            }
            try await eventually { batches.all.count == item + 1 }
        }
        for item in 2..<7 {
            try gathering.submit(item) { outcome in
                answers.withLock { $0[item] = try? outcome.get() }
            }
        }
        #expect(gathering.waitingCount == 5)
        #expect(batches.all == [[0], [1]])
        batches.letAllGo()
        try await eventually { answers.withLock { $0.count } == 7 }
        #expect(answers.withLock { $0 } == [0: 0, 1: 10, 2: 20, 3: 30, 4: 40, 5: 50, 6: 60])
        #expect(Set(batches.all.dropFirst(2)) == [[2, 3, 4], [5, 6]])
        #expect(try await gathering.submit(9) == 90)
    }

    @Test func `a batch is as large as its sizes let it be, and has one item at least`()
        async throws
    {
        let batches = Batches()
        let gathering = Gathering<Int, Int>(
            concurrency: 1, bounds: .init(count: 10, size: 100)
        ) { await batches.take($0) }
        try gathering.submit(0) { _ in }
        try await eventually { batches.all.count == 1 }
        for (item, size) in [(1, 60), (2, 40), (3, 1), (4, 500)] {
            try gathering.submit(item, size: size) { _ in }
        }
        batches.letAllGo()
        try await eventually { batches.all.count == 4 }
        #expect(batches.all == [[0], [1, 2], [3], [4]])
    }

    @Test func `one too many is refused at once`() async throws {
        let batches = Batches()
        let gathering = Gathering<Int, Int>(
            concurrency: 1, bounds: .init(count: 1), waitingLimit: 1
        ) { await batches.take($0) }
        try gathering.submit(0) { _ in }
        try await eventually { batches.all.count == 1 }
        try gathering.submit(1) { _ in }
        #expect(throws: Gathering<Int, Int>.Full.self) { try gathering.submit(2) { _ in } }
        batches.letAllGo()
        try await eventually { batches.all.count == 2 }
    }

    @Test func `who is cancelled while he waits is withdrawn, and who is under way is not`()
        async throws
    {
        let batches = Batches()
        let gathering = Gathering<Int, Int>(concurrency: 1, bounds: .init(count: 9)) {
            await batches.take($0)
        }
        let first = Task { try await gathering.submit(0) }
        try await eventually { batches.all.count == 1 }
        let second = Task { try await gathering.submit(1) }
        try await eventually { gathering.waitingCount == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        #expect(gathering.waitingCount == 0)
        first.cancel()
        batches.letAllGo()
        #expect(try await first.value == 0)
        #expect(batches.all == [[0]])
    }

    @Test func `an item without an outcome fails, and the others have theirs`() async throws {
        let gathering = Gathering<Int, Int>(concurrency: 1, bounds: .init(count: 9)) { _ in [] }
        await #expect(throws: (any Error).self) { try await gathering.submit(1) }
    }
}
