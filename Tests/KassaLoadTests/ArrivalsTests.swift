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

    @Test func `orders fall due at even times, however late they are taken`() throws {
        let arrivals = arrivals(rate: 4)
        #expect(try #require(arrivals.take(at: start)).due == start)
        let late = start + .milliseconds(1_900)
        for number in 1..<8 {
            let (order, due) = try #require(arrivals.take(at: late))
            #expect(order == number)
            #expect(due == start + .milliseconds(250 * number))
        }
        #expect(arrivals.take(at: late) == nil)
        #expect(arrivals.areOver(at: late))
    }

    @Test func `what was not taken by the end is not sent`() {
        let arrivals = arrivals(rate: 4)
        #expect(arrivals.take(at: start) != nil)
        #expect(!arrivals.areOver(at: start))
        #expect(arrivals.take(at: start + .seconds(2)) == nil)
        #expect(arrivals.areOver(at: start + .seconds(2)))
    }

    @Test func `the time begins with the first order, however late its client has connected`()
        throws
    {
        let arrivals = arrivals(rate: 4)
        let late = start + .seconds(29)
        #expect(!arrivals.areOver(at: late) && arrivals.start == start)
        #expect(try #require(arrivals.take(at: late)).due == late)
        #expect(try #require(arrivals.take(at: late)).due == late + .milliseconds(250))
        #expect(arrivals.start == late)
        #expect(!arrivals.areOver(at: start + .seconds(30)))
        #expect(arrivals.areOver(at: late + .seconds(2)))
    }

    @Test func `where no client connects it is over all the same`() {
        #expect(arrivals(rate: 4).areOver(at: start + .seconds(30)))
    }

    @Test func `without a rate an order is due when it is taken`() throws {
        let arrivals = arrivals(rate: nil)
        let now = start + .milliseconds(333)
        #expect(try #require(arrivals.take(at: now)).due == now)
        #expect(!arrivals.areOver(at: now))
        #expect(arrivals.take(at: now + .seconds(2)) == nil)
    }
}
