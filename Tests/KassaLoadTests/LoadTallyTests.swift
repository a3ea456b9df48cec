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
            .accepted(try #require(id)), due: start, sent: start + .seconds(1),
            at: start + .milliseconds(1_500))
        let report = report(tally)
        #expect((1_499_000...1_501_000).contains(report.accepting.p50))
        #expect(report.accepted == 1 && report.open == 1 && !report.isComplete)
    }

    @Test func `an end counts once, whether it comes before the answer or twice`() throws {
        let (id, other) = (try #require(id), try #require(other))
        let tally = LoadTally()
        #expect(!tally.noteEnding(of: id, ending(), keeps: true))
        tally.note(.accepted(id), due: start, sent: start, at: start + .milliseconds(2))
        tally.note(.accepted(other), due: start, sent: start, at: start + .milliseconds(2))
        #expect(tally.noteEnding(of: other, ending(paid: false)))
        #expect(!tally.noteEnding(of: other, ending(paid: false)))
        let report = report(tally)
        #expect(report.paid == 1 && report.failed == 1 && report.open == 0)
        #expect(report.isComplete)
        #expect((7_990...8_010).contains(report.settling.p99))
    }

    @Test func `an end that is told together with the answer counts too`() async throws {
        let ids = (0..<20_000).compactMap {
            OrderID("01890a5d-ac96-774b-bcce-\(String(100_000_000_000 + $0))")
        }
        let tally = LoadTally()
        let start = start
        await withTaskGroup { group in
            group.addTask {
                for id in ids { tally.note(.accepted(id), due: start, sent: start, at: start) }
            }
            for id in ids { tally.noteEnding(of: id, ending(), keeps: true) }
        }
        #expect(tally.open == 0)
        #expect(tally.current.paid == ids.count && ids.count == 20_000)
    }

    @Test func `somebody else's order counts nowhere, and is forgotten in the end`() throws {
        let id = try #require(other)
        let tally = LoadTally()
        tally.noteEnding(of: id, ending(), keeps: true)
        let nothing = report(tally)
        #expect(nothing.paid == 0 && nothing.settledRate == 0 && nothing.settling.max == 0)
        tally.forgetOthers()
        tally.note(.accepted(id), due: start, sent: start, at: start)
        #expect(report(tally).paid == 1)
        tally.noteEnding(of: id, ending(), keeps: true)
        tally.forgetOthers()
        tally.forgetOthers()
        tally.note(.accepted(id), due: start, sent: start, at: start)
        #expect(report(tally).paid == 1 && report(tally).open == 1)
    }

    @Test func `a report says what was refused and what is unknown`() throws {
        let tally = LoadTally()
        for _ in 0..<3 {
            tally.note(.refused("503"), due: start, sent: start, at: start + .milliseconds(1))
        }
        tally.note(.refused("429"), due: start, sent: start, at: start + .milliseconds(1))
        tally.noteUnanswered()
        let report = report(tally)
        #expect(report.lines.contains("refused     1 × 429, 3 × 503"))
        #expect(report.json["refused"]?["503"] == .integer(3))
        #expect((990...1_010).contains(report.refusing.p99))
        #expect(report.json["unanswered"] == .integer(1))
        #expect(!report.isComplete)
    }

    @Test func `what came afterwards is told second by second`() throws {
        let (id, other) = (try #require(id), try #require(other))
        let tally = LoadTally(keepsEndings: true)
        for id in [id, other] { tally.note(.accepted(id), due: start, sent: start, at: start) }
        #expect(tally.noteEnding(of: id, ending(after: 40)))
        let late = LoadTally.Ending(
            isPaid: true, created: Timestamp(microseconds: 3_200_000),
            ended: Timestamp(microseconds: 3_206_000))
        #expect(tally.noteEnding(of: other, late))
        var plan = LoadPlan(gateway: "")
        plan.calm = .seconds(3)
        let calm = LoadReport.Calm(plan, tally.current, lag: .milliseconds(12))
        #expect(calm.isComplete && calm.seconds.count == 3)
        #expect((39_900...40_100).contains(try #require(calm.seconds[0])))
        #expect(calm.seconds[1] == nil)
        #expect((5_990...6_010).contains(try #require(calm.seconds[2])))
        #expect(calm.json["lag_us"] == .integer(12_000))
    }
}
