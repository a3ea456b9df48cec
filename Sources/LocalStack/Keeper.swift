import Glibc
package import Logging

/// One process of the stack: how to start it, to tell that it serves, and to stop it.
package struct ProcessPlan: Sendable {
    package let name: String
    package let command: Command
    package let log: String
    /// Where it listens on 127.0.0.1; `nil` when it does not.
    package let port: Int?
    /// SIGINT for PostgreSQL, whose SIGTERM would wait for its clients; SIGTERM for all others.
    package var stopSignal: Int32 = SIGTERM
    package var stopLimit: Duration = .seconds(15)
    package let health: @Sendable () async -> Health
}

/// What became of a process so far.
package struct ProcessRecord: Sendable, Equatable, Codable {
    package let name: String
    package let address: String
    /// `nil` while it does not run.
    package var process: ProcessIdentity?
    package var restarts = 0
    /// How it ended the last time, and the last line of its log then.
    package var lastEnd: String?
}

/// Keeps one process alive: starts it again when it dies, until told to stop or to hold it down.
package actor Keeper {
    private enum Wish { case running, held, stopped }

    private let plan: ProcessPlan
    private let logger: Logger
    private let changed: @Sendable (ProcessRecord) -> Void
    private var record: ProcessRecord {
        didSet { if record != oldValue { changed(record) } }
    }
    private var wish = Wish.running
    private var child: ChildProcess?
    private var keeping: Task<Void, Never>?
    private var pause: Task<Void, any Error>?
    private var deathsBeforeReady = 0

    /// - Parameter changed: called with every new record, in order.
    package init(
        _ plan: ProcessPlan, logger: Logger, changed: @escaping @Sendable (ProcessRecord) -> Void
    ) {
        self.plan = plan
        self.logger = logger
        self.changed = changed
        self.record = ProcessRecord(
            name: plan.name, address: plan.port.map { "127.0.0.1:\($0)" } ?? "-")
    }

    /// Starts the process, or lets go of one that was held down, and waits until it is healthy.
    ///
    /// - Throws: ``StackError`` with the end of the log when it dies three times before that, or
    ///   when `limit` passes.
    package func start(within limit: Duration) async throws {
        wish = .running
        deathsBeforeReady = 0
        if keeping == nil { keeping = Task { await keep() } }
        pause?.cancel()
        let deadline = ContinuousClock.now + limit
        while true {
            let health = await plan.health()
            if health == .healthy, isServing { return }
            if deathsBeforeReady >= 3 {
                throw StackError("\(plan.name) does not start: \(record.lastEnd ?? "no reason")")
            }
            guard ContinuousClock.now < deadline else {
                let reason = if case .unhealthy(let reason) = health { reason } else { "not ours" }
                throw StackError(
                    "\(plan.name) is not ready after \(limit): \(reason). \(lastLogLine)")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Whether the child lives, and holds the port itself: a stranger may answer there while it
    /// dies of that.
    private var isServing: Bool {
        guard let child, child.isRunning else { return false }
        return plan.port.map { Listening.isListening(process: child.pid, port: $0) } ?? true
    }

    /// Sends a signal to the process; with `hold` it stays down until ``start(within:)``.
    ///
    /// Returns when the process has ended.
    package func end(with signal: Int32, hold: Bool) async {
        if hold { wish = .held }
        guard let child else { return }
        _ = await child.stop(signal, within: plan.stopLimit)
    }

    /// Stops the process in order, or with SIGKILL after its limit, and keeps it no longer.
    package func stop() async {
        wish = .stopped
        pause?.cancel()
        _ = await child?.stop(plan.stopSignal, within: plan.stopLimit)
        await keeping?.value
        keeping = nil
    }

    private func keep() async {
        var delays = RestartDelays()
        var generator = SystemRandomNumberGenerator()
        while wish != .stopped {
            guard wish == .running else {
                await rest(for: .seconds(1))
                continue
            }
            let start = ContinuousClock.now
            let end = await live()
            child = nil
            record.process = nil
            guard wish != .stopped else { return }
            deathsBeforeReady += 1
            record.lastEnd = "\(end). \(lastLogLine)"
            let delay = delays.next(afterLiving: .now - start, using: &generator)
            logger.warning("\(plan.name) ended: \(record.lastEnd ?? end)")
            await rest(for: delay)
        }
    }

    /// Starts the process once and waits for its end; returns how it ended.
    private func live() async -> String {
        do {
            let child = try await ChildProcess.start(plan.command, log: plan.log)
            self.child = child
            var record = record
            record.process = ProcessIdentity(pid: child.pid)
            if record.lastEnd != nil { record.restarts += 1 }
            self.record = record
            // A wish that came while the start was under way found no child to signal.
            if wish != .running { child.send(plan.stopSignal) }
            return await "\(child.exitStatus())"
        } catch {
            return "\(error)"
        }
    }

    /// Sleeps, unless ``start(within:)`` or ``stop()`` wants something sooner.
    private func rest(for duration: Duration) async {
        let pause = Task { try await Task.sleep(for: duration) }
        self.pause = pause
        _ = await pause.result
    }

    private var lastLogLine: String {
        LogTail.lastLine(of: plan.log).map { "Its log ends: \($0)" } ?? "Its log is empty."
    }
}
