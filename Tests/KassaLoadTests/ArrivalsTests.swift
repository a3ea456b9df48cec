import Testing

@testable import KassaLoad

@Suite struct ArrivalsTests {
    private let start = ContinuousClock.now

    private func arrivals(rate: Double?, seconds: Int = 2) -> Arrivals {
        var plan = LoadPlan(gateway: "http://127.0.0.1:1")
        plan.rate = rate
        plan.duration = .seconds(seconds)
        return Arrivals(plan, from: start)
    }

    @Test func `orders fall due at even times, however late they are taken`() {
        let arrivals = arrivals(rate: 4)
        #expect(arrivals.take(at: start) == .order(0, due: start))
        let late = start + .milliseconds(1_900)
        for number in 1..<8 {
            let due = start + .milliseconds(250 * number)
            #expect(arrivals.take(at: late) == .order(number, due: due))
        }
        #expect(arrivals.take(at: late) == .over)
        #expect(arrivals.areOver(at: late))
    }

    @Test func `an order that is not due is nobody's yet`() {
        let arrivals = arrivals(rate: 4)
        #expect(arrivals.take(at: start) == .order(0, due: start))
        let due = start + .milliseconds(250)
        for milliseconds in [0, 249] {
            #expect(arrivals.take(at: start + .milliseconds(milliseconds)) == .wait(until: due))
        }
        #expect(arrivals.take(at: due) == .order(1, due: due))
    }

    @Test func `what was not taken by the end is not sent`() {
        let arrivals = arrivals(rate: 4)
        #expect(arrivals.take(at: start) == .order(0, due: start))
        let end = start + .milliseconds(2_010)
        #expect(!arrivals.areOver(at: end - .nanoseconds(1)))
        #expect(arrivals.take(at: end) == .over)
        #expect(arrivals.areOver(at: end))
    }

    @Test func `what is due at the end is still handed out by a round that is late`() {
        let arrivals = arrivals(rate: 4)
        #expect(arrivals.take(at: start) == .order(0, due: start))
        for number in 1..<8 {
            let due = start + .milliseconds(250 * number)
            #expect(arrivals.take(at: due + .milliseconds(259)) == .order(number, due: due))
        }
    }

    @Test func `the time begins with the first order, however late its client has connected`() {
        let arrivals = arrivals(rate: 4)
        let late = start + .seconds(29)
        #expect(!arrivals.areOver(at: late) && arrivals.start == start)
        #expect(arrivals.take(at: late) == .order(0, due: late))
        #expect(arrivals.take(at: late) == .wait(until: late + .milliseconds(250)))
        #expect(arrivals.start == late)
        #expect(!arrivals.areOver(at: start + .seconds(30)))
        #expect(arrivals.areOver(at: late + .milliseconds(2_010)))
    }

    @Test func `where no client connects it is over all the same`() {
        #expect(arrivals(rate: 4).areOver(at: start + .seconds(30)))
    }

    @Test func `without a rate an order is due when it is taken`() {
        let arrivals = arrivals(rate: nil)
        let now = start + .milliseconds(333)
        #expect(arrivals.take(at: now) == .order(0, due: now))
        #expect(!arrivals.areOver(at: now))
        #expect(arrivals.take(at: now + .seconds(2)) == .over)
    }
}
