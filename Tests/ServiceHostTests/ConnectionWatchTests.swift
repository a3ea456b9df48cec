import Testing

@testable import ServiceHost

/// Every deadline of a connection, with a clock that is told.
@Suite struct ConnectionWatchTests {
    private let start = ContinuousClock.now

    private func watch() -> ConnectionWatch {
        var limits = HTTPServer.Limits()
        limits.headDeadline = .seconds(1)
        limits.bodyDeadline = .seconds(2)
        limits.writeDeadline = .seconds(3)
        limits.exchangeDeadline = .seconds(10)
        limits.idleTimeout = .seconds(60)
        return ConnectionWatch(limits)
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `a head has its time from its first byte, and further bytes do not prolong it`() {
        var watch = watch()
        #expect(watch.verdict(at: at(100), written: 0, waiting: 0) == .fine)
        for step in 0..<9 { watch.bytesCame(at: at(100 + Double(step) / 10)) }
        #expect(watch.verdict(at: at(100.9), written: 0, waiting: 0) == .fine)
        #expect(watch.verdict(at: at(101), written: 0, waiting: 0) == .headTooSlow)
        // Told once: the connection is on its way out.
        #expect(watch.verdict(at: at(102), written: 0, waiting: 0) == .fine)
    }

    @Test func `a body has its time from its head, and further parts do not prolong it`() {
        var watch = watch()
        watch.headEnded(at: start)
        for step in 0..<19 {
            watch.bodyCame()
            watch.bytesCame(at: at(Double(step) / 10))
        }
        #expect(watch.verdict(at: at(1.9), written: 0, waiting: 0) == .fine)
        #expect(watch.verdict(at: at(2), written: 0, waiting: 0) == .bodyTooSlow)
    }

    @Test func `a request that has ended waits for nothing but its answer`() {
        var watch = watch()
        watch.headEnded(at: start)
        watch.requestEnded()
        watch.bytesCame(at: start)
        #expect(watch.verdict(at: at(9), written: 0, waiting: 0) == .fine)
        #expect(watch.verdict(at: at(10), written: 0, waiting: 0) == .close)
        watch.answered(at: at(11))
        #expect(watch.verdict(at: at(70), written: 100, waiting: 0) == .fine)
    }

    @Test func `a connection is idle from what last came or was answered, and never in between`() {
        var watch = watch()
        watch.opened(isWithinLimit: true, at: start)
        #expect(watch.verdict(at: at(59.9), written: 0, waiting: 0) == .fine)
        watch.headEnded(at: at(59.9))
        watch.requestEnded()
        watch.bytesCame(at: at(59.9))
        #expect(watch.verdict(at: at(69), written: 0, waiting: 0) == .fine)
        watch.answered(at: at(69))
        #expect(watch.verdict(at: at(128.9), written: 0, waiting: 0) == .fine)
        #expect(watch.verdict(at: at(129), written: 0, waiting: 0) == .close)
    }

    @Test func `an answer may be taken slowly, but not with a pause beyond the deadline`() {
        var watch = watch()
        #expect(watch.verdict(at: at(0), written: 1_000, waiting: 900) == .fine)
        #expect(watch.verdict(at: at(2), written: 1_000, waiting: 899) == .fine)
        #expect(watch.verdict(at: at(4), written: 1_000, waiting: 898) == .fine)
        // More that is written is nothing that was taken.
        #expect(watch.verdict(at: at(6), written: 2_000, waiting: 1_898) == .fine)
        #expect(watch.verdict(at: at(7), written: 2_000, waiting: 1_898) == .close)
    }

    @Test func `an answer that was taken whole leaves no deadline behind`() {
        var watch = watch()
        #expect(watch.verdict(at: at(0), written: 10, waiting: 10) == .fine)
        #expect(watch.verdict(at: at(1), written: 10, waiting: 0) == .fine)
        #expect(watch.verdict(at: at(50), written: 20, waiting: 10) == .fine)
        #expect(watch.verdict(at: at(52), written: 20, waiting: 10) == .fine)
        #expect(watch.verdict(at: at(53), written: 20, waiting: 10) == .close)
    }

    @Test func `a connection beyond the limit must ask at once`() {
        var silent = watch()
        silent.opened(isWithinLimit: false, at: start)
        #expect(silent.verdict(at: at(1), written: 0, waiting: 0) == .fine)
        #expect(silent.verdict(at: at(2), written: 0, waiting: 0) == .close)
        var asking = watch()
        asking.opened(isWithinLimit: false, at: start)
        asking.headEnded(at: at(1))
        asking.requestEnded()
        #expect(asking.verdict(at: at(2), written: 0, waiting: 0) == .fine)
    }
}
