import Glibc
import PinnedThread
import Testing

private actor Worker {
    private let thread: PinnedThread
    private var log: [Int] = []

    init(named name: String = "worker") throws { thread = try PinnedThread(name: name) }

    init(on thread: PinnedThread) { self.thread = thread }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    func note(_ number: Int) { log.append(number) }
    func notes() -> [Int] { log }
    func threadID() -> pthread_t { pthread_self() }
    func isPinned() -> Bool { thread.isCurrent }

    /// Blocks the thread until a byte arrives.
    func block(on descriptor: Int32) -> Int {
        var byte: UInt8 = 0
        return read(descriptor, &byte, 1)
    }

    func watch(
        _ descriptor: Int32, every interval: Duration, _ handler: @escaping @Sendable () -> Void
    ) { thread.watch(descriptor, every: interval, handler) }

    func unwatch() { thread.unwatch() }
}

private struct Pipe {
    let output: Int32
    let input: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        (output, input) = (ends[0], ends[1])
    }

    func send() throws { try #require(write(input, [1], 1) == 1) }

    func close() {
        Glibc.close(output)
        Glibc.close(input)
    }
}

@Suite(.timeLimit(.minutes(1))) struct PinnedThreadTests {
    @Test func `all jobs run on one thread, which is none of Swift's`() async throws {
        let worker = try Worker()
        let first = await worker.threadID()
        for _ in 0..<100 {
            #expect(await worker.threadID() == first)
            await Task.yield()
        }
        #expect(await worker.isPinned())
        #expect(try await Worker().threadID() != first)
        let thread = try PinnedThread(name: "other")
        #expect(!thread.isCurrent)
    }

    @Test func `jobs run in the order in which they were enqueued`() async throws {
        let worker = try Worker()
        let pipe = try Pipe()
        defer { pipe.close() }
        // Blocked first, so that the jobs pile up behind it.
        async let blocked = worker.block(on: pipe.output)
        var tasks: [Task<Void, Never>] = []
        for number in 0..<100 {
            tasks.append(Task.immediate { await worker.note(number) })
        }
        try pipe.send()
        #expect(await blocked == 1)
        for task in tasks { await task.value }
        #expect(await worker.notes() == Array(0..<100))
    }

    @Test func `blocked threads hold up no other task`() async throws {
        let pipes = try (0..<4).map { _ in try Pipe() }
        defer { for pipe in pipes { pipe.close() } }
        try await withThrowingTaskGroup(of: Int.self) { blocked in
            for pipe in pipes {
                let worker = try Worker()
                blocked.addTask { await worker.block(on: pipe.output) }
            }
            let finished = await withTaskGroup(of: Int.self) { free in
                for _ in 0..<1_000 {
                    free.addTask {
                        await Task.yield()
                        return 1
                    }
                }
                return await free.reduce(0, +)
            }
            #expect(finished == 1_000)
            for pipe in pipes { #expect(throws: Never.self) { try pipe.send() } }
            for try await count in blocked { #expect(count == 1) }
        }
    }

    @Test func `a watched descriptor calls as soon as it is readable`() async throws {
        let worker = try Worker()
        let pipe = try Pipe()
        defer { pipe.close() }
        let (calls, continuation) = AsyncStream.makeStream(of: pthread_t.self)
        await worker.watch(pipe.output, every: .seconds(3_600)) {
            var byte: UInt8 = 0
            _ = read(pipe.output, &byte, 1)
            continuation.yield(pthread_self())
        }
        var iterator = calls.makeAsyncIterator()
        for _ in 0..<3 {
            try pipe.send()
            #expect(await iterator.next() == worker.threadID())
        }
        await worker.unwatch()
    }

    @Test func `a watched descriptor that stays silent calls at every interval`() async throws {
        let worker = try Worker()
        let pipe = try Pipe()
        defer { pipe.close() }
        let (calls, continuation) = AsyncStream.makeStream(of: Void.self)
        let start = ContinuousClock.now
        await worker.watch(pipe.output, every: .milliseconds(20)) { continuation.yield() }
        var iterator = calls.makeAsyncIterator()
        for _ in 0..<3 { await iterator.next() }
        #expect(.now - start >= .milliseconds(60))
        await worker.unwatch()
    }

    @Test func `tasks that prefer it run on it, beside its actors, and their children do`()
        async throws
    {
        let thread = try PinnedThread(name: "shared")
        let worker = Worker(on: thread)
        let id = await worker.threadID()
        await withTaskExecutorPreference(thread.tasks) {
            for _ in 0..<10 {
                #expect(pthread_self() == id)
                #expect(await worker.threadID() == id)
                async let child = pthread_self()
                #expect(await child == id)
                // Other actors' answers come back to it.
                #expect(await (try? Worker())?.threadID() != id)
                #expect(pthread_self() == id)
            }
        }
        #expect(!thread.isCurrent)
    }

    @Test func `OpenSSL does not tidy up behind threads that are still ending`() async {
        await #expect(processExitsWith: .success) {
            _ = try PinnedThread(name: "first")
            // Whoever uses OpenSSL makes it ready (here its messages), and has it tidy up at exit.
            typealias Initialize = @convention(c) (UInt64, OpaquePointer?) -> Int32
            typealias AtCleanup = @convention(c) (@convention(c) () -> Void) -> Int32
            guard let initialize = dlsym(nil, "OPENSSL_init_crypto"),
                let atCleanup = dlsym(nil, "OPENSSL_atexit"),
                // As crypto.h declares it.
                unsafeBitCast(initialize, to: Initialize.self)(2, nil) == 1,
                // And this.
                unsafeBitCast(atCleanup, to: AtCleanup.self)({ _exit(EXIT_FAILURE) }) == 1
            else { _exit(EXIT_FAILURE) }
            exit(EXIT_SUCCESS)
        }
    }

    @Test func `a task keeps the thread that it prefers, and the thread ends with it`()
        async throws
    {
        let name = "task-\(UInt16.random(in: 0...UInt16.max))"
        let (steps, continuation) = AsyncStream.makeStream(of: Void.self)
        var thread: PinnedThread? = try PinnedThread(name: name)
        let (beginnings, begun) = AsyncStream.makeStream(of: Void.self)
        let task = thread.map { thread in
            Task(executorPreference: thread.tasks) {
                begun.yield()
                for await _ in steps { begun.yield() }
            }
        }
        thread = nil
        var beginning = beginnings.makeAsyncIterator()
        for _ in 0..<3 {
            await beginning.next()
            continuation.yield()
        }
        #expect(Self.threadNames().contains(name))
        continuation.finish()
        await task?.value
        let deadline = ContinuousClock.now + .seconds(10)
        while Self.threadNames().contains(name), .now < deadline { await Task.yield() }
        #expect(!Self.threadNames().contains(name))
    }

    @Test func `the thread ends when its last owner goes`() async throws {
        let name = "ends-\(UInt16.random(in: 0...UInt16.max))"
        var worker: Worker? = try Worker(named: name)
        await worker?.note(1)
        #expect(Self.threadNames().contains(name))
        worker = nil
        let deadline = ContinuousClock.now + .seconds(10)
        while Self.threadNames().contains(name), .now < deadline { await Task.yield() }
        #expect(!Self.threadNames().contains(name))
    }

    /// The names of this process's threads, as the kernel has them.
    private static func threadNames() -> Set<String> {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var names: Set<String> = []
        while let entry = readdir(folder) {
            let id = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let file = fopen("/proc/self/task/\(id)/comm", "r") else { continue }
            var name = [UInt8](repeating: 0, count: 32)
            let count = fread(&name, 1, name.count, file)
            fclose(file)
            names.insert(String(decoding: name.prefix(count).dropLast(), as: UTF8.self))
        }
        return names
    }
}
