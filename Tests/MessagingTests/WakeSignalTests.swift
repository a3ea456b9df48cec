import Messaging
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct WakeSignalTests {
    private let clock = ManualClock()
    private let bell = WakeSignal()

    @Test func `a ring ends the wait, and no time has passed`() async {
        async let isRung = bell.wait(atMost: .seconds(60), clock: clock)
        await clock.untilSomebodySleeps()
        bell.ring()
        #expect(await isRung)
        #expect(clock.elapsed == .zero)
    }

    @Test func `a ring that comes before the wait is not lost`() async {
        bell.ring()
        #expect(await bell.wait(atMost: .seconds(60), clock: clock))
    }

    @Test func `rings coalesce: two early ones end one wait`() async {
        bell.ring()
        bell.ring()
        #expect(await bell.wait(atMost: .seconds(60), clock: clock))
        async let second = bell.wait(atMost: .seconds(60), clock: clock)
        #expect(await clock.passNextSleep() == .seconds(60))
        #expect(await !second)
    }

    @Test func `without a ring the wait ends with its time`() async {
        async let isRung = bell.wait(atMost: .milliseconds(250), clock: clock)
        #expect(await clock.passNextSleep() == .milliseconds(250))
        #expect(await !isRung)
    }

    @Test func `a ring after a wait that timed out ends the next one`() async {
        async let first = bell.wait(atMost: .seconds(1), clock: clock)
        await clock.passNextSleep()
        #expect(await !first)
        bell.ring()
        #expect(await bell.wait(atMost: .seconds(60), clock: clock))
    }

    @Test func `cancellation ends the wait and is no ring`() async {
        let waiting = Task { [bell, clock] in
            await bell.wait(atMost: .seconds(60), clock: clock)
        }
        await clock.untilSomebodySleeps()
        waiting.cancel()
        #expect(await !waiting.value)
        #expect(clock.sleepers == 0)
    }

    @Test func `a wait in a cancelled task ends at once`() async {
        let waiting = Task { [bell, clock] in
            withUnsafeCurrentTask { $0?.cancel() }
            return await bell.wait(atMost: .seconds(60), clock: clock)
        }
        #expect(await !waiting.value)
    }

    @Test func `of a thousand rings beside waits none is lost`() async {
        // Each round rings from another task at a random moment around the wait; a lost ring would
        // leave the wait to a clock that never moves, and the test to its time limit.
        for _ in 0..<1_000 {
            async let ringing: Void = Task { @concurrent [bell] in bell.ring() }.value
            #expect(await bell.wait(atMost: .seconds(60), clock: clock))
            await ringing
        }
    }
}
