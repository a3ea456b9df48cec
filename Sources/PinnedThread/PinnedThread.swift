import COpenSSL
import Glibc
import Synchronization

/// A serial executor that owns one thread: the place where blocking C is allowed to block.
///
/// Swift's cooperative pool has one thread a core; a C call that waits on one of them stalls every
/// task of the process. An actor whose `unownedExecutor` is a `PinnedThread` runs all of its code
/// on that thread alone, so a wait holds up nobody else, and a C library that wants one thread per
/// connection has it.
///
/// Tasks that prefer its ``tasks`` run there, too, between the jobs of its actors: who talks to one
/// of them all the time need not wake another thread for each answer.
///
/// The thread may also ``watch(_:every:_:)`` a descriptor between jobs, so that an actor is told of
/// incoming bytes at once without a job of its own that waits for them.
///
/// Whoever adopts it must keep it alive (an actor stores it); the thread ends, unjoined, when the
/// last reference goes.
package final class PinnedThread: SerialExecutor {
    private let core: Core

    /// The system gives no more: of descriptors, of threads, or of memory.
    package struct Unavailable: Error, CustomStringConvertible {
        /// What was asked for and why it was not given.
        package let description: String

        fileprivate init(_ call: String, _ code: Int32) {
            description = "No thread: \(call): \(String(cString: strerror(code)))"
        }
    }

    /// - Parameter name: what `ps -L` and `gdb` show; the kernel keeps 15 bytes.
    /// - Throws: ``Unavailable``: a process at its limits goes on with what it has.
    package init(name: String) throws(Unavailable) {
        core = try Core(name: name)
        try core.start()
    }

    deinit { core.stop() }

    package func enqueue(_ job: consuming ExecutorJob) {
        core.add(Core.Entry(job: UnownedJob(job), runner: .actor(self)))
    }

    /// Runs tasks on this thread, and keeps it alive.
    package var tasks: any TaskExecutor { Tasks(thread: self) }

    fileprivate final class Tasks: TaskExecutor {
        private let thread: PinnedThread

        init(thread: PinnedThread) { self.thread = thread }

        func enqueue(_ job: consuming ExecutorJob) {
            thread.core.add(Core.Entry(job: UnownedJob(job), runner: .tasks(self)))
        }
    }

    package func checkIsolated() {
        precondition(isCurrent, "Not on the pinned thread '\(core.name)'")
    }

    package func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Whether the caller runs on this thread.
    package var isCurrent: Bool { core.isCurrent }

    /// Calls `handler` on this thread whenever `descriptor` is readable, and at the latest every
    /// `interval`.
    ///
    /// One descriptor at a time: a second call replaces the first. Must be called on this thread.
    package func watch(
        _ descriptor: Int32, every interval: Duration, _ handler: @escaping @Sendable () -> Void
    ) {
        checkIsolated()
        core.watch = Core.Watch(
            descriptor: descriptor, interval: interval, due: .now + interval, handler: handler)
    }

    /// Ends what ``watch(_:every:_:)`` began. Must be called on this thread.
    package func unwatch() {
        checkIsolated()
        core.watch = nil
    }
}

/// What the thread itself keeps alive. Apart from the mailbox it is touched by that thread alone,
/// which is what makes it safe to send: hence `@unchecked`.
private final class Core: @unchecked Sendable {
    struct Entry {
        let job: UnownedJob
        /// Held while the job runs: the job may release the last other reference.
        let runner: Runner

        func run() {
            switch runner {
            case .actor(let thread): job.runSynchronously(on: thread.asUnownedSerialExecutor())
            case .tasks(let tasks): job.runSynchronously(on: tasks.asUnownedTaskExecutor())
            }
        }
    }

    enum Runner {
        case actor(PinnedThread)
        case tasks(PinnedThread.Tasks)
    }

    struct Watch {
        let descriptor: Int32
        let interval: Duration
        var due: ContinuousClock.Instant
        let handler: @Sendable () -> Void
    }

    private struct Mailbox {
        var entries: [Entry] = []
        var isStopping = false
    }

    let name: String
    var watch: Watch?
    private let mailbox = Mutex(Mailbox())
    /// A socket pair, because Glibc hides `eventfd` from Swift: whoever rings writes to `bell`.
    private let doorbell: Int32
    private let bell: Int32
    private let owner = Atomic<UInt>(0)

    init(name: String) throws(PinnedThread.Unavailable) {
        self.name = name
        Self.letThreadsOutliveOpenSSL
        var pair: [Int32] = [-1, -1]
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let code = socketpair(AF_UNIX, Int32(bitPattern: kind), 0, &pair)
        guard code == 0 else { throw PinnedThread.Unavailable("socketpair", errno) }
        (doorbell, bell) = (pair[0], pair[1])
    }

    /// OpenSSL, which the C libraries on these threads use, tidies up when the process exits, and
    /// waits for nobody: a thread that ends in the same moment, unjoined, frees what it had once
    /// more, and a process that stopped in good order dies of SIGABRT. So it leaves the memory to
    /// the kernel (`OPENSSL_init_crypto(3)`), as long as it is told before it is used.
    private static let letThreadsOutliveOpenSSL: Void = {
        _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }()

    deinit {
        close(doorbell)
        close(bell)
    }

    var isCurrent: Bool { owner.load(ordering: .acquiring) == pthread_self() }

    func start() throws(PinnedThread.Unavailable) {
        var id = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let code = pthread_create(
            &id, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Core>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, retained.toOpaque())
        guard code == 0 else {
            retained.release()
            throw PinnedThread.Unavailable("pthread_create", code)
        }
        pthread_detach(id)
    }

    func stop() {
        mailbox.withLock { $0.isStopping = true }
        ring()
    }

    func add(_ entry: Entry) {
        let wasEmpty = mailbox.withLock { box in
            box.entries.append(entry)
            return box.entries.count == 1
        }
        // The thread itself looks into its mailbox before it waits.
        if wasEmpty, !isCurrent { ring() }
    }

    private func ring() {
        // A full pair means that the bell has been rung already; a gone reader raises no SIGPIPE.
        var one: UInt8 = 1
        _ = send(bell, &one, 1, Int32(MSG_NOSIGNAL))
    }

    private func run() {
        owner.store(pthread_self(), ordering: .releasing)
        showName()
        while true {
            var (entries, isStopping) = mailbox.withLock { box in
                defer { box.entries.removeAll() }
                return (box.entries, box.isStopping)
            }
            for entry in entries { entry.run() }
            if isStopping { return }
            // Let go of the executor before the wait, or its deinit could never end this loop.
            let worked = !entries.isEmpty
            entries.removeAll()
            wait(blocking: !worked)
        }
    }

    /// Through /proc, because Glibc hides `pthread_setname_np` from Swift. The kernel cuts at 15
    /// bytes.
    private func showName() {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name, name.utf8.count)
        close(file)
    }

    /// Waits for the doorbell, the watched descriptor or the watch's due time, whichever is first.
    private func wait(blocking: Bool) {
        var descriptors = [pollfd(fd: doorbell, events: Int16(POLLIN), revents: 0)]
        var timeout: Int32 = -1
        if let watch {
            descriptors.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0))
            timeout = Int32(clamping: max(0, (watch.due - .now).milliseconds + 1))
        }
        let ready = poll(&descriptors, nfds_t(descriptors.count), blocking ? timeout : 0)
        if descriptors[0].revents != 0 {
            var rings: (UInt64, UInt64) = (0, 0)
            _ = read(doorbell, &rings, MemoryLayout.size(ofValue: rings))
        }
        guard var due = watch else { return }
        let isReadable = ready > 0 && descriptors[1].revents != 0
        guard isReadable || due.due <= .now else { return }
        due.due = .now + due.interval
        watch = due
        due.handler()
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
