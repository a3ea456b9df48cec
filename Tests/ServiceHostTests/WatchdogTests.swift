import Glibc
import Logging
import Synchronization
import Testing

@testable import ServiceHost

@Suite struct WatchdogTests {
    /// Time that passes when the test says so.
    private final class Time: Sendable {
        private let instant = Mutex(SuspendingClock.now)
        var now: SuspendingClock.Instant { instant.withLock(\.self) }
        func pass(_ duration: Duration) { instant.withLock { $0 += duration } }
    }

    /// A watchdog with a daemon's loops, and what it told systemd.
    private struct Watched {
        let time = Time()
        let progress: Progress
        let watchdog: Watchdog
        private let told: @Sendable () -> [ServiceNotice]

        init(hasStarted: Bool = true) throws {
            let time = time
            progress = Progress { time.now }
            let notices = Notices()
            told = { notices.all }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            watchdog = try Watchdog(
                progress: progress, period: .seconds(30), hasStarted: { hasStarted },
                notify: notices.add, logger: logger)
        }

        /// What one look makes it say.
        func feed() async -> [ServiceNotice] {
            let before = told().count
            await watchdog.feed()
            return Array(told().dropFirst(before))
        }
    }

    private final class Notices: Sendable {
        private let list = Mutex<[ServiceNotice]>([])
        var all: [ServiceNotice] { list.withLock(\.self) }
        var add: @Sendable (ServiceNotice) -> Void { { notice in self.append(notice) } }
        private func append(_ notice: ServiceNotice) { list.withLock { $0.append(notice) } }
    }

    @Test func `it is fed while every loop goes on`() async throws {
        let watched = try Watched()
        let relay = watched.progress.enter("relay", patience: .seconds(60))
        let consumer = watched.progress.enter("consumer", patience: .seconds(60))
        for _ in 0..<10 {
            watched.time.pass(.seconds(50))
            relay.beat()
            consumer.beat()
            #expect(await watched.feed() == [.alive])
        }
    }

    @Test func `one loop that falls silent is enough to starve it, until the loop goes on`()
        async throws
    {
        let watched = try Watched()
        let relay = watched.progress.enter("relay", patience: .seconds(60))
        let consumer = watched.progress.enter("consumer", patience: .seconds(60))
        watched.time.pass(.seconds(61))
        consumer.beat()
        #expect(await watched.feed().isEmpty)
        relay.beat()
        #expect(await watched.feed() == [.alive])
    }

    @Test func `a loop that waits for a message, or that has ended, may be silent`() async throws {
        let watched = try Watched()
        let consumer = watched.progress.enter("consumer", patience: .seconds(60))
        let gone = watched.progress.enter("gone", patience: .seconds(60))
        consumer.wait()
        gone.leave()
        watched.time.pass(.seconds(3_600))
        #expect(await watched.feed() == [.alive])
        consumer.beat()
        watched.time.pass(.seconds(61))
        #expect(await watched.feed().isEmpty)
    }

    @Test func `a start that goes on may take its time`() async throws {
        let watched = try Watched(hasStarted: false)
        #expect(await watched.feed() == [.alive, .startTakes(.seconds(60))])
        _ = watched.progress.enter("start", patience: .seconds(60))
        watched.time.pass(.seconds(61))
        #expect(await watched.feed().isEmpty)
    }

    @Test func `the period is systemd's, if it means this process`() {
        #expect(Watchdog.period { ["WATCHDOG_USEC": "30000000"][$0] } == .seconds(30))
        let mine = ["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "\(getpid())"]
        #expect(Watchdog.period { mine[$0] } == .seconds(2))
        let others = ["WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"]
        #expect(Watchdog.period { others[$0] } == nil)
        #expect(Watchdog.period { _ in nil } == nil)
        #expect(Watchdog.period { ["WATCHDOG_USEC": "soon"][$0] } == nil)
    }

    @Test func `notices are what systemd reads`() {
        #expect(ServiceNotice.ready.text == "READY=1")
        #expect(ServiceNotice.stopping.text == "STOPPING=1")
        #expect(ServiceNotice.alive.text == "WATCHDOG=1")
        #expect(ServiceNotice.startTakes(.seconds(60)).text == "EXTEND_TIMEOUT_USEC=60000000")
        let lines = ServiceNotice.reloading.text.split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        #expect(lines.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(ServiceNotice.status("a\nREADY=1").text == "STATUS=a READY=1")
    }
}
