import JSON
import SharedKernel
import Testing

@testable import KassaLoad

@Suite struct LoadTallyTests {
    private let id = OrderID("01a2033e-9796-7000-bcd0-34327d45d9d9")
    private let other = OrderID("01a2033e-9796-7000-bcd0-34327d45d9da")
    private let start = ContinuousClock.now

    private func ending(paid: Bool = true, after milliseconds: Int64 = 8) -> LoadTally.Ending {
        LoadTally.Ending(
            isPaid: paid, created: Timestamp(microseconds: 1_000_000),
            ended: Timestamp(microseconds: 1_000_000 + milliseconds * 1_000))
    }

    private func report(_ tally: LoadTally) -> LoadReport {
        LoadReport(LoadPlan(gateway: ""), tally.current, start: start)
    }

    @Test func `an order that waited for a client is late from when it was due`() throws {
        let tally = LoadTally()
        tally.send()
        tally.note(
            .accepted(try #require(id)), due: start, at: start + .milliseconds(1_500))
        let report = report(tally)
        #expect((1_499_000...1_501_000).contains(report.accepting.p50))
        #expect(report.accepted == 1 && report.open == 1 && !report.isComplete)
    }

    @Test func `an end counts once, whether it comes before the answer or twice`() throws {
        let (id, other) = (try #require(id), try #require(other))
        let tally = LoadTally()
        tally.noteEnding(of: id, ending())
        tally.note(.accepted(id), due: start, at: start + .milliseconds(2))
        tally.note(.accepted(other), due: start, at: start + .milliseconds(2))
        tally.noteEnding(of: other, ending(paid: false))
        tally.noteEnding(of: other, ending(paid: false))
        let report = report(tally)
        #expect(report.paid == 1 && report.failed == 1 && report.open == 0)
        #expect(report.isComplete)
        #expect((7_990...8_010).contains(report.settling.p99))
    }

    @Test func `somebody else's order counts nowhere`() throws {
        let tally = LoadTally()
        tally.noteEnding(of: try #require(other), ending())
        let report = report(tally)
        #expect(report.paid == 0 && report.settledRate == 0 && report.settling.max == 0)
    }

    @Test func `a report says what was refused and what is unknown`() throws {
        let tally = LoadTally()
        for _ in 0..<3 { tally.note(.refused("503"), due: start, at: start + .milliseconds(1)) }
        tally.note(.refused("429"), due: start, at: start + .milliseconds(1))
        tally.noteUnanswered()
        let report = report(tally)
        #expect(report.lines.contains("refused     1 × 429, 3 × 503"))
        #expect(report.json["refused"]?["503"] == .integer(3))
        #expect(report.json["unanswered"] == .integer(1))
        #expect(!report.isComplete)
    }
}
