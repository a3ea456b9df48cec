import Foundation
import Glibc
package import LocalStack

/// A real daemon of this build as a process of its own, to be watched, stopped and killed.
///
/// It ends with the test process, however that ends. Coverage profiles of daemons that exit in
/// order land beside those of the tests.
package final class DaemonProcess: Sendable {
    /// Base URL of its HTTP server.
    package let url: String
    package let pid: Int32
    private let name: String
    private let port: Int
    private let authority: String?
    private let child: ChildProcess
    private let logPath: String

    private init(
        name: String, port: Int, authority: String?, child: ChildProcess, logPath: String
    ) {
        self.name = name
        self.port = port
        self.authority = authority
        self.url = authority == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)"
        self.pid = child.pid
        self.child = child
        self.logPath = logPath
    }

    deinit {
        child.send(SIGKILL)
        try? FileManager.default.removeItem(atPath: logPath)
    }

    /// Starts `name` (such as `kassa-orders`), which is not ready yet: see ``untilReady(within:)``.
    ///
    /// - Parameters:
    ///   - environment: added to the test's own; HTTP_HOST and HTTP_PORT are set here.
    ///   - port: the port of its HTTP server.
    ///   - arguments: its command line.
    ///   - authority: who vouches for it, where it is told to speak TLS.
    ///   - programs: the folder of another version's programs; nil for this build's.
    ///   - descriptors: how many it may have open at most; nil for as many as the test.
    package static func start(
        _ name: String, port: Int, environment: [String: String], arguments: [String] = [],
        authority: String? = nil, programs: String? = nil,
        descriptors: Int? = nil
    ) async throws -> DaemonProcess {
        var all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        all["HTTP_HOST"] = "127.0.0.1"
        all["HTTP_PORT"] = "\(port)"
        var command = Command(
            try BuiltProgram.path(name, in: programs), arguments, environment: all)
        if let descriptors {
            command.arguments.insert(
                contentsOf: ["--nofile=\(descriptors):\(descriptors)", command.executable], at: 0)
            command.executable = "/usr/bin/prlimit"
        }
        command.endsWithParent = true
        let log = FileManager.default.temporaryDirectory
            .appending(path: "\(name)-\(UUID().uuidString).log").path(percentEncoded: false)
        return DaemonProcess(
            name: name, port: port, authority: authority,
            child: try await ChildProcess.start(command, log: log), logPath: log)
    }

    /// Waits until `GET /ready` answers 200.
    ///
    /// - Throws: `StackError` with its log when it ends before that, or when `limit` passes.
    package func untilReady(within limit: Duration = .seconds(90)) async throws {
        var found = Health.unhealthy("not asked yet")
        let isDecided = try await poll(within: limit) {
            found = await HealthProbe.daemon(port: port, authority: authority)
            return found == .healthy || !child.isRunning
        }
        guard isDecided, found == .healthy, child.isRunning else {
            throw StackError("\(name) is not ready: \(found)\n\(log)")
        }
    }

    package var isRunning: Bool { child.isRunning }

    /// Whether it was stopped by SIGSTOP: the third field of the kernel's line, behind the name.
    package var isFrozen: Bool {
        let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return stat?.split(separator: ")").last?.hasPrefix(" T") ?? false
    }

    /// Everything it has written so far.
    package var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

    /// The same as bytes, which need not be text.
    package var logBytes: [UInt8] {
        (try? Data(contentsOf: URL(filePath: logPath))).map(Array.init) ?? []
    }

    /// SIGKILL; returns when it is gone.
    package func kill() async { _ = await child.stop(SIGKILL, within: .seconds(10)) }

    /// Any other signal, such as SIGSTOP and SIGCONT.
    package func send(_ signal: Int32) { child.send(signal) }

    /// SIGTERM, then SIGKILL after `limit`; how it ended tells which.
    @discardableResult
    package func terminate(within limit: Duration = .seconds(30)) async -> ExitStatus {
        await child.stop(SIGTERM, within: limit)
    }
}
