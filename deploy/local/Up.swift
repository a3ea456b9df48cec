import ArgumentParser
import Foundation
import LocalStack

/// `up`: the stack in the background.
struct Up: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start everything in the background and wait until it is healthy.",
        discussion: """
            Where ORDERS_DATABASE_URL, PAYMENTS_DATABASE_URL or BROKER_URL is set, that server is \
            used instead of an own one. A port that is taken is replaced by a free one, which is \
            said. 'up' when everything is up already changes nothing.
            """)

    @OptionGroup var location: FolderOption
    @OptionGroup var security: SecurityOption

    func run() async throws {
        if let state = StackState.read(location.folder), state.isSupervised {
            switch state.phase {
            case .ready:
                say("Kassa is up already.")
                return Report.addresses(state)
            case .starting: return try await follow(nil)
            case .stopping, .failed:
                say("Waiting until what runs in \(location.path) has stopped")
                _ = await Orphans.hasEnded(state.supervisor, within: .seconds(100))
            }
        }
        try location.folder.prepareOwn()
        say("Starting Kassa in \(location.path)")
        // In a session of its own, with its own log: it outlives this terminal.
        let supervisor = try await ChildProcess.start(
            Command(
                Programs.own, ["supervise", "--dir", location.path] + security.arguments,
                environment: ProcessInfo.processInfo.environment),
            log: location.folder.log("supervisor"), ownSession: true)
        try await follow(supervisor)
    }

    /// Prints what the supervisor does until it is ready; throws with its reason when it gives up.
    private func follow(_ supervisor: ChildProcess?) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        var printed = 0
        while ContinuousClock.now < deadline {
            let hasEnded = supervisor.map { !$0.isRunning } ?? false
            if let state = StackState.read(location.folder),
                supervisor.map({ $0.pid == state.supervisor.pid }) ?? true
                    // Of two that start at once the one that came second gives way to the first.
                    || (hasEnded && state.isSupervised)
            {
                for note in state.notes.dropFirst(printed) { say("  \(note)") }
                printed = state.notes.count
                if state.phase == .ready { return Report.addresses(state) }
                if let failure = state.failure {
                    _ = await Orphans.hasEnded(state.supervisor, within: .seconds(60))
                    throw Failure("Kassa did not start: \(failure)")
                }
                if !state.isSupervised { break }
            } else if hasEnded {
                break
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        let log = location.folder.log("supervisor")
        throw Failure(
            "Kassa did not start. \(LogTail.lastLine(of: log) ?? "") (more in \(log))")
    }
}

/// The detached half of `up`.
struct Supervise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Own the processes of a stack; started by 'up'.", shouldDisplay: false)

    @OptionGroup var location: FolderOption
    @OptionGroup var security: SecurityOption

    func run() async throws {
        let signals = Interruption.signals()
        var options = StackOptions(
            path: location.path, environment: ProcessInfo.processInfo.environment,
            daemonFolder: Programs.folder)
        options.isSecure = security.secure
        let stack = try await Stack(options, logger: StackLogger.make())
        let starting = Task { try await stack.start() }
        let ending = Task {
            for await _ in signals { break }
            starting.cancel()
        }
        do {
            _ = try await starting.value
            await ending.value
        } catch {
            await stack.stop()
            throw error
        }
        await stack.stop()
    }
}
