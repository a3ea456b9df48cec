import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// How a process ended.
package enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let signal): "signal \(signal)"
        }
    }
}

/// A child that runs beside its parent: started, signalled and waited for by different tasks.
///
/// swift-subprocess ties a process to the scope that started it; a supervisor needs one that
/// outlives the call, so the scope lives in a task of its own here and everybody else holds this
/// handle.
package final class ChildProcess: Sendable {
    package let pid: Int32
    private let ending: Task<ExitStatus, Never>
    private let hasEnded: Ended

    private init(pid: Int32, ending: Task<ExitStatus, Never>, hasEnded: Ended) {
        self.pid = pid
        self.ending = ending
        self.hasEnded = hasEnded
    }

    /// Starts `command` with both outputs appended to the file `log` (made 0600 when it is
    /// missing).
    ///
    /// - Parameters:
    ///   - input: a descriptor for standard input, closed here once the child has it; `nil` is
    ///     `/dev/null`.
    ///   - output: a file for standard output alone; `nil` sends it to `log` as well.
    ///   - ownSession: the child leads a session of its own and outlives the caller's terminal.
    /// - Throws: ``StackError`` when it cannot start.
    package static func start(
        _ command: Command, log: String, input: Int32? = nil, output: String? = nil,
        ownSession: Bool = false
    ) async throws -> ChildProcess {
        let standardInput =
            try input.map(FileDescriptor.init(rawValue:))
            ?? FileDescriptor.open("/dev/null", .readOnly)
        let standardError = try LogFile.open(log)
        let standardOutput = try output.map(LogFile.open) ?? standardError.duplicate()
        let ended = Ended()
        let (started, announce) = AsyncStream.makeStream(of: Int32.self)
        let ending = Task { () -> Result<ExitStatus, any Error> in
            defer { announce.finish() }
            do {
                let result = try await Subprocess.run(
                    command.configuration(ownSession: ownSession),
                    input: .fileDescriptor(standardInput, closeAfterSpawningProcess: true),
                    output: .fileDescriptor(standardOutput, closeAfterSpawningProcess: true),
                    error: .fileDescriptor(standardError, closeAfterSpawningProcess: true)
                ) { execution in
                    announce.yield(execution.processIdentifier.value)
                }
                ended.set()
                return .success(ExitStatus(result.terminationStatus))
            } catch {
                ended.set()
                return .failure(error)
            }
        }
        // In a task of its own, since in one that is cancelled nothing comes of a stream: the child
        // would run, and its start would be waited for until its end.
        let beginning = Task { await started.first { _ in true } }
        if let pid = await beginning.value {
            // A failure after the start can only be one of waiting; there is no status to report
            // then.
            let status = Task { (try? await ending.value.get()) ?? .signalled(SIGKILL) }
            return ChildProcess(pid: pid, ending: status, hasEnded: ended)
        }
        switch await ending.value {
        case .success(let status):
            throw StackError("\(command.executable) ended at once: \(status)")
        case .failure(let error):
            throw StackError("\(command.executable) could not be started: \(error)")
        }
    }

    package var isRunning: Bool { !hasEnded.value }

    /// Waits for the end of the process, however long that takes; ``stop(_:within:)`` has a
    /// deadline.
    package func exitStatus() async -> ExitStatus { await ending.value }

    /// Sends a signal; a process that has ended already is left in peace.
    package func send(_ signal: Int32) {
        // Subprocess reaps only after it saw the end, so the pid cannot be another's while this is
        // false.
        if isRunning { kill(pid, signal) }
    }

    /// Sends `signal`, then SIGKILL when the process still runs after `limit`.
    package func stop(_ signal: Int32 = SIGTERM, within limit: Duration) async -> ExitStatus {
        send(signal)
        let killer = Task {
            try await Task.sleep(for: limit)
            send(SIGKILL)
        }
        defer { killer.cancel() }
        return await ending.value
    }
}

private final class Ended: Sendable {
    private let flag = Mutex(false)
    var value: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
}

extension ExitStatus {
    fileprivate init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self = .exited(code)
        case .signaled(let signal): self = .signalled(signal)
        }
    }
}

extension Command {
    /// A process group of its own: Ctrl-C in a terminal reaches the supervisor alone, which stops
    /// its children in order.
    func configuration(ownSession: Bool = false) -> Configuration {
        var options = PlatformOptions()
        if ownSession { options.createSession = true } else { options.processGroupID = 0 }
        let launched = launched
        return Configuration(
            executable: .path(FilePath(launched.executable)),
            arguments: Arguments(launched.arguments),
            environment: .custom(
                Dictionary(
                    uniqueKeysWithValues: environment.compactMap { key, value in
                        Environment.Key(rawValue: key).map { ($0, value) }
                    })),
            workingDirectory: workingDirectory.map { FilePath($0) }, platformOptions: options)
    }
}

enum LogFile {
    static func open(_ path: String) throws -> FileDescriptor {
        try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.append, .create, .closeOnExec],
            permissions: .ownerReadWrite)
    }
}
