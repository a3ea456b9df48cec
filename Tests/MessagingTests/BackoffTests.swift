import Messaging
import Testing

struct BackoffTests {
    @Test(arguments: [
        (0, 100), (1, 200), (2, 400), (8, 25_600), (9, 30_000), (10_000, 30_000),
    ])
    func `the bound doubles up to the cap`(failures: Int, milliseconds: Int) {
        let bound = Backoff.bound(
            after: failures, initial: .milliseconds(100), cap: .seconds(30))
        #expect(bound == .milliseconds(milliseconds))
    }

    @Test(arguments: [0, 0.25, 0.5, 1])
    func `each wait lies between half of its bound and the whole`(fraction: Double) {
        var backoff = Backoff(jitter: { fraction })
        for failures in 0..<10_000 {
            let wait = backoff.next()
            let bound = Backoff.bound(
                after: failures, initial: .milliseconds(100), cap: .seconds(30))
            #expect(wait == bound / 2 + bound / 2 * fraction, "after \(failures) failures")
        }
    }

    @Test func `those who fail together do not try again together`() {
        let waits = (0..<100).map { _ in
            var backoff = Backoff()
            return backoff.next()
        }
        #expect(Set(waits).count > 90)
    }

    @Test func `a success begins the series anew`() {
        var backoff = Backoff(initial: .milliseconds(100))
        for _ in 0..<50 { _ = backoff.next() }
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(100))
    }
}
