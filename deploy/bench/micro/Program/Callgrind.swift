import Foundation

/// Counts instructions by running this program under valgrind's callgrind.
struct Callgrind {
    private let valgrind: String
    private let copy: URL

    /// Copies this program without its debugging data: Debian 12's valgrind cannot read what
    /// Swift's compiler writes.
    ///
    /// - Returns: nil where valgrind is not installed.
    /// - Throws: ``Failure`` where the copy cannot be made.
    static func prepared() throws -> Callgrind? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
        guard
            let valgrind = path.split(separator: ":").map({ "\($0)/valgrind" })
                .first(where: FileManager.default.isExecutableFile)
        else { return nil }
        let copy = FileManager.default.temporaryDirectory
            .appending(path: "kassa-microbench-\(UUID().uuidString)")
        let this = "/proc/\(ProcessInfo.processInfo.processIdentifier)/exe"
        try run(["strip", "--strip-debug", "-o", copy.path, this])
        return Callgrind(valgrind: valgrind, copy: copy)
    }

    /// Removes the copy.
    func remove() { try? FileManager.default.removeItem(at: copy) }

    /// What one operation takes: the difference between few operations and many, so that starting
    /// up, and what the first operation does once, drop out.
    ///
    /// - Parameter nanoseconds: what one takes, by which the many are not too many.
    /// - Throws: ``Failure`` where a run does not end well.
    func instructions(of name: String, nanoseconds: Double) throws -> Double {
        let few = 10
        let more = Int(max(10, min(2_000, 2_000_000 / nanoseconds)))
        let start = try count(name, iterations: few)
        let end = try count(name, iterations: few + more)
        return Double(end - start) / Double(more)
    }

    private func count(_ name: String, iterations: Int) throws -> Int {
        let text = try Self.run([
            valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", copy.path,
            "--once", name, "--iterations", "\(iterations)",
        ])
        guard let count = Self.collected(in: text) else {
            throw Failure(description: "callgrind did not tell what it counted:\n\(text)")
        }
        return count
    }

    /// Reads `==4711== Collected : 123456`.
    private static func collected(in text: String) -> Int? {
        text.split(separator: "\n").first { $0.contains("Collected : ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    }

    /// Runs a program for two minutes at most, and returns what it says on standard error.
    @discardableResult
    private static func run(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["120"] + command
        // Hash tables would be laid out differently in each run.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["SWIFT_DETERMINISTIC_HASHING": "1"], uniquingKeysWith: { $1 })
        let output = Pipe()
        process.standardError = output
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: said, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(command.joined(separator: " ")) failed:\n\(text)")
        }
        return text
    }

    /// A run that did not end well.
    struct Failure: Error, CustomStringConvertible { let description: String }
}
