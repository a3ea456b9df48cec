package import KassaClient
import SharedKernel

/// Brings a plan's load to a gateway, follows every accepted order to its end, and reports.
package struct LoadRun: Sendable {
    /// What a run looks like from outside while it is under way.
    package struct Progress: Sendable {
        /// Since the first order was due.
        package let elapsed: Duration
        package let accepted: Int
        package let settled: Int
        /// Accepted and not known to have ended.
        package let open: Int
        package let refused: Int
        package let unanswered: Int
    }

    private let plan: LoadPlan
    private let client: GatewayClient
    private let door: any LoadDoor
    private let tally = LoadTally()

    /// - Parameter host: the gateway's, and its port: where the HTTP door's clients connect.
    package init(_ plan: LoadPlan, client: GatewayClient, host: String, port: Int) {
        self.plan = plan
        self.client = client
        door =
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

    /// Sends the orders and waits for their ends.
    ///
    /// - Parameter tell: hears about once a second how far it is.
    /// - Throws: ``CallFailure`` when the gateway cannot be followed at all.
    package func run(tell: @escaping @Sendable (Progress) -> Void) async throws -> LoadReport {
        let follower = OrderFollower(client: client, tally: tally)
        let cursor = try await follower.start()
        let start = ContinuousClock.now
        let arrivals = Arrivals(plan, from: start)
        await withTaskGroup { group in
            group.addTask { await follower.run(from: cursor) }
            group.addTask { await report(since: start, tell) }
            await door.bring(arrivals, tally)
            await settled()
            group.cancelAll()
        }
        return LoadReport(plan, tally.current, start: start)
    }

    private func report(
        since start: ContinuousClock.Instant, _ tell: @Sendable (Progress) -> Void
    ) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            let now = tally.progress
            tell(
                Progress(
                    elapsed: start.duration(to: .now), accepted: now.accepted,
                    settled: now.settled, open: now.open, refused: now.refused,
                    unanswered: now.unanswered))
        }
    }

    /// Returns when no accepted order is open, or when the plan's patience is over.
    private func settled() async {
        let deadline = ContinuousClock.now + plan.settling
        while tally.progress.open > 0, .now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(50))
        }
    }
}
