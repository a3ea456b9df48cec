import Glibc
import LocalStack
import TestShop
import TestSupport

extension Battlefield {
    /// Injects a fault and returns once it is over: lifted, or done.
    ///
    /// - Throws: when it could not be injected; then the shop is as it was.
    func carryOut(_ strike: Strike, _ messages: MessageFaults) async throws {
        switch strike.kind.ground {
        case .daemon: try await strikeDaemon(strike)
        case .twin: try await strikeTwin(strike)
        case .network: await strikeNetwork(strike)
        case .broker: try await strikeBroker(strike)
        case .database: try await strikeDatabase(strike)
        case .messages: try await messages.carryOut(strike)
        }
    }

    private func strikeDaemon(_ strike: Strike) async throws {
        let daemon = strike.daemon
        let process = try shop.process(daemon)
        switch strike.kind {
        case .failpoint:
            await supervisor.arm(daemon, strike.point)
            await process.kill()
            try await eventually(within: .seconds(20), "\(daemon.rawValue) is up") {
                try shop.process(daemon) !== process
            }
            let doomed = try shop.process(daemon)
            // Some steps come seldom; a daemon that never gets there is no fault.
            let died = try await poll(within: .seconds(10)) { !doomed.isRunning }
            guard died else { throw StackError("\(strike.point) was not reached in 10 s") }
        case .drain:
            let end = await process.terminate(within: .seconds(20))
            if end != .exited(0) {
                await supervisor.report("\(daemon.rawValue) was told to stop and ended, \(end)")
            }
        case .freeze:
            process.send(SIGSTOP)
            await pause(strike.duration)
            process.send(SIGCONT)
        default: await process.kill()
        }
    }

    /// A second instance of a service works beside the first, and dies at work.
    private func strikeTwin(_ strike: Strike) async throws {
        let daemon = strike.daemon == .gateway ? .orders : strike.daemon
        var environment = shop.environment(of: daemon)
        if daemon == .orders { environment["GRPC_PORT"] = "\(try freePort())" }
        let twin = try await DaemonProcess.start(
            daemon.rawValue, port: try freePort(), environment: environment)
        await pause(.seconds(2) + strike.duration)
        guard twin.isRunning else { throw StackError("the twin ended by itself: \(twin.log)") }
        await twin.kill()
    }

    private func strikeNetwork(_ strike: Strike) async {
        let proxies = proxies(strike.ways)
        switch strike.kind {
        case .cut:
            for number in 0..<strike.number {
                for proxy in proxies { proxy.cut(reset: number.isMultiple(of: 2)) }
                await pause(.milliseconds(100))
            }
        case .refusal:
            for proxy in proxies {
                proxy.set(.refusal)
                proxy.cut(reset: true)
            }
            await pause(strike.duration)
            for proxy in proxies { proxy.set(.fair) }
        case .silence:
            for proxy in proxies { proxy.set(.silence) }
            await pause(strike.duration * 3)
            // Half of them find their connections dead, as behind a firewall that has forgotten.
            for proxy in proxies {
                if strike.number.isMultiple(of: 2) { proxy.cut(reset: true) }
                proxy.set(.fair)
            }
        default:
            let weather: FaultProxy.Weather =
                strike.kind == .slow ? .slow(.milliseconds(20 * strike.number)) : .crumbs
            for proxy in proxies { proxy.set(weather) }
            await pause(strike.duration)
            for proxy in proxies { proxy.set(.fair) }
        }
    }

    private func strikeBroker(_ strike: Strike) async throws {
        let queues = [
            shop.queues.orderCreated, shop.queues.paymentSuccess, shop.queues.paymentFailed,
        ]
        let queue = queues[strike.number % queues.count]
        switch strike.kind {
        case .brokerCloses: try await stack.rabbitmqctl("close_all_connections", "chaos")
        case .brokerStops:
            try await stack.rabbitmqctl("stop_app")
            await pause(strike.duration)
            try await stack.rabbitmqctl("start_app")
        case .brokerDies:
            try await stack.killBroker()
            await pause(strike.duration / 2)
            try await stack.startBroker()
        case .brokerFreezes:
            try stack.freezeBroker()
            await pause(strike.duration * 3)
            try stack.thawBroker()
        case .alarm:
            try await stack.rabbitmqctl("set_vm_memory_high_watermark", "0")
            await pause(strike.duration)
            try await stack.rabbitmqctl("set_vm_memory_high_watermark", "0.4")
        default:
            let verb = strike.kind == .purge ? "purge_queue" : "delete_queue"
            for queue in [queue, Shop.Queues.bundles(of: queue)] {
                try await stack.rabbitmqctl(verb, queue)
            }
        }
    }

    private func strikeDatabase(_ strike: Strike) async throws {
        switch strike.kind {
        case .sessions: try await endSessions(during: strike.duration)
        case .databaseCrash: try await stack.restartPostgresImmediately()
        case .databaseDown:
            try await stack.killPostgres()
            await pause(strike.duration)
            try await stack.startPostgres()
        case .databaseFreezes:
            try stack.freezePostgres()
            await pause(strike.duration * 3)
            try stack.thawPostgres()
        case .diskFull:
            guard let disk else { throw StackError("there is no small disk") }
            try disk.fill()
            await pause(strike.duration)
            disk.empty()
            // It may have stopped for want of room for its log.
            try await stack.startPostgres()
        default: try await stormLocks(strike)
        }
    }

    /// Ends one session of the services every 50 ms: the pause is the fault's own pace, kept where
    /// the sessions are.
    private func endSessions(during duration: Duration) async throws {
        let count = Int(duration / .milliseconds(50))
        _ = try await stack.psql(
            """
            DO $$ BEGIN
                FOR i IN 1..\(count) LOOP
                    PERFORM pg_stat_clear_snapshot();
                    PERFORM pg_terminate_backend(pid) FROM (
                        SELECT pid FROM pg_stat_activity
                        WHERE application_name LIKE 'kassa-%' ORDER BY random() LIMIT 1) AS victim;
                    PERFORM pg_sleep(0.05);
                END LOOP;
            END $$
            """)
    }

    /// Strangers hold the hot account, and take accounts in an order that deadlocks with others.
    /// That they hold a lock for a while is the fault; nobody waits for the time to pass.
    private func stormLocks(_ strike: Strike) async throws {
        let (hot, other) = (Customers.hot, Customers.funded[0])
        await withTaskGroup { group in
            for number in 0..<strike.number {
                let pair = number.isMultiple(of: 2) ? [hot, other] : [other, hot]
                group.addTask {
                    // One of each pair is the deadlock's victim, which is the point; the database
                    // holds the first lock until the other has his.
                    _ = try? await self.shop.paymentsRows(
                        """
                        BEGIN;
                        SELECT 1 FROM accounts WHERE user_id = '\(pair[0])' FOR UPDATE;
                        SELECT pg_sleep(0.4);
                        SELECT 1 FROM accounts WHERE user_id = '\(pair[1])' FOR UPDATE;
                        COMMIT
                        """)
                }
            }
        }
    }
}
