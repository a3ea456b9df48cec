import Foundation
import Glibc
import LocalStack

/// The pipe into a `kassa-stack run` process: orders go down it, answers come back as lines of a
/// file, and its end is the end of that process.
actor ControlLine {
    nonisolated let ready: ReadyLine
    private let child: ChildProcess
    private let input: FileHandle
    private let answers: FileHandle
    private var unread = ""
    private var isBusy = false

    private init(
        ready: ReadyLine, child: ChildProcess, input: FileHandle, answers: FileHandle
    ) {
        self.ready = ready
        self.child = child
        self.input = input
        self.answers = answers
    }

    /// Starts the process with `flags` and waits, for two minutes at most, until its servers are
    /// ready.
    static func start(_ flags: [String]) async throws -> ControlLine {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "kassa-test-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        // Both files stay open below, and need no names once the servers are ready.
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw StackError("No pipe: errno \(errno)") }
        // A daemon started meanwhile must not hold the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        // A process that died must be an error here, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        let child = try await ChildProcess.start(
            Command(
                try BuiltProgram.path("kassa-stack"),
                ["run", "--ready-json", "--temporary", "--any-ports"] + flags,
                environment: .withoutServers),
            log: folder + "/log", input: ends[0], output: folder + "/answers")
        guard let answers = FileHandle(forReadingAtPath: folder + "/answers") else {
            throw StackError("No answers from kassa-stack")
        }
        var text = ""
        let isReady = try await poll(within: .seconds(400)) {
            text += String(decoding: (try? answers.readToEnd()) ?? Data(), as: UTF8.self)
            return text.contains("\n") || !child.isRunning
        }
        guard isReady, let ready = try? JSONDecoder().decode(ReadyLine.self, from: Data(text.utf8))
        else {
            let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
            try? input.close()
            throw StackError("The servers for the tests did not start:\n\(log)")
        }
        return ControlLine(ready: ready, child: child, input: input, answers: answers)
    }

    /// Sends one order and waits until it is carried out; orders of several tasks go one after the
    /// other.
    func order(_ text: String) async throws {
        _ = try await poll(within: .seconds(180)) { !isBusy }
        isBusy = true
        defer { isBusy = false }
        try input.write(contentsOf: Data((text + "\n").utf8))
        let isAnswered = try await poll(within: .seconds(400), every: .milliseconds(10)) {
            unread += String(decoding: (try? answers.readToEnd()) ?? Data(), as: UTF8.self)
            return unread.contains("\n") || !child.isRunning
        }
        let answer = unread.prefix { $0 != "\n" }
        unread = String(unread.dropFirst(answer.count + 1))
        guard isAnswered, answer.contains(#""done""#) else {
            throw StackError("'\(text)' was not carried out: \(answer)")
        }
    }

    func close() async {
        try? input.close()
        _ = await child.exitStatus()
    }
}

extension [String: String] {
    /// The environment of the tests without servers that the caller's shell may name: tests have
    /// their own.
    package static var withoutServers: Self {
        ProcessInfo.processInfo.environment.filter { !ServerChoice.variables.contains($0.key) }
    }
}
