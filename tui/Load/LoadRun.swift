package import KassaClient
import SharedKernel

/// Brings a plan's load to a gateway, follows every accepted order to its end, and reports.
package struct LoadRun: Sendable {
    /// What a run looks like from outside while it is under way.
    package struct Progress: Sendable {
        /// Since the first order was due.
        package let elapsed: Duration
        package let accepted: Int
        /// By the gateway's counts, which may have others' orders among them.
        package let settled: Int
        /// Accepted and not settled.
        package let open: Int
        package let refused: Int
        package let unanswered: Int
    }

    private let plan: LoadPlan
    private let client: GatewayClient
    private let host: String
    private let port: Int
    private let tally = LoadTally()
    private let calmTally = LoadTally(keepsEndings: true)

    /// - Parameter host: the gateway's, and its port: where the HTTP door's clients connect.
    package init(_ plan: LoadPlan, client: GatewayClient, host: String, port: Int) {
        self.plan = plan
        self.client = client
        self.host = host
        self.port = port
    }

    private func door(_ plan: LoadPlan) -> any LoadDoor {
        switch plan.door {
        case .http: HTTPDoor(plan: plan, host: host, port: port)
        case .grpc: RPCDoor(plan: plan)
        }
    }

    /// Opens the plan's accounts, with enough on each for every order that can fall to it.
    ///
    /// - Parameter tell: hears how many are ready, now and then.
    /// - Throws: ``CallFailure``.
    package func openAccounts(tell: @Sendable (Int) -> Void) async throws {
        let funds = Money(minorUnits: 999_999_999_999 / 10)
        var done = 0
        while done < plan.accounts {
            let batch = done..<min(done + 8, plan.accounts)
            try await withThrowingTaskGroup { group in
                for number in batch {
                    group.addTask { try await openAccount(plan.account(of: number), funds) }
                }
                try await group.waitForAll()
            }
            done = batch.upperBound
            if done % 200 < 8 || done == plan.accounts { tell(done) }
        }
    }

    private func openAccount(_ name: String, _ funds: Money) async throws(CallFailure) {
        do throws(CallFailure) {
            _ = try await client.createAccount(name, key: "open-\(name)")
        } catch {
            // It is there from an earlier run, and has money.
            guard error.status == 409 else { throw error }
            return
        }
        _ = try await client.deposit(funds, to: name, key: "fund-\(name)")
    }

    /// Sends the orders, waits for their ends and then looks for each.
    ///
    /// - Parameter tell: hears about once a second how far it is.
    /// - Throws: ``CallFailure`` when the gateway cannot be followed at all.
    package func run(tell: @escaping @Sendable (Progress) -> Void) async throws -> LoadReport {
        let follower = try await OrderFollower(plan, client: client, tallies: [tally, calmTally])
        // Absent where a gateway counts nothing.
        let before = try? await client.orderSummary().value
        let arrivals = Arrivals(plan, from: .now)
        var calmed: ContinuousClock.Instant?
        await withTaskGroup { group in
            group.addTask { await report(on: arrivals, before, tell) }
            group.addTask { await follower.runWhileSending() }
            await door(plan).bring(arrivals, tally)
            if let calm = plan.afterwards {
                let arrivals = Arrivals(calm, from: .now)
                await door(calm).bring(arrivals, calmTally)
                calmed = arrivals.start
            }
            group.cancelAll()
        }
        await withTaskGroup { group in
            group.addTask { await report(on: arrivals, before, tell) }
            await settle(follower)
            group.cancelAll()
        }
        let start = arrivals.start
        let calm = calmed.map {
            LoadReport.Calm(
                plan, calmTally.current, lag: (start + plan.duration).duration(to: $0))
        }
        return LoadReport(plan, tally.current, start: start, calm: calm)
    }

    /// What has settled is told by the gateway's counts, which cost it next to nothing; orders that
    /// others place meanwhile are among them.
    private func report(
        on arrivals: Arrivals, _ before: OrderSummaryRecord?,
        _ tell: @Sendable (Progress) -> Void
    ) async {
        var settled = 0
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
            let now = tally.progress
            settled = max(settled, now.settled)
            if let before, let counts = try? await client.orderSummary().value {
                let ended = counts.paid + counts.failed - before.paid - before.failed
                settled = max(settled, min(now.accepted, ended))
            }
            tell(
                Progress(
                    elapsed: arrivals.start.duration(to: .now), accepted: now.accepted,
                    settled: settled,
                    open: now.accepted - settled, refused: now.refused,
                    unanswered: now.unanswered))
        }
    }

    /// Returns when each accepted order has been seen to end, or when the plan's patience is over
    /// and everything until then has been read.
    private func settle(_ follower: OrderFollower) async {
        let deadline = ContinuousClock.now + plan.settling
        // An order that is read before it has ended has to be read again.
        var pause = Duration.milliseconds(200)
        while tally.open + calmTally.open > 0, !Task.isCancelled {
            try? await Task.sleep(for: pause)
            pause = min(pause * 1.5, .seconds(1))
            let isLate = .now > deadline
            let hasRead = await follower.catchUp(until: deadline + Self.reading)
            if isLate && hasRead || .now > deadline + Self.reading { return }
        }
    }

    /// To read what has ended may take so much longer than to wait for it.
    private static let reading = Duration.seconds(120)
}
