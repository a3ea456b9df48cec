import Foundation
import Testing

/// A real terminal to look at: a tmux server of its own, with a shell in one pane.
final class Tmux {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux")

    /// The program under test, built beside the tests.
    static var probe: String {
        let built = Bundle.allBundles.map(\.bundlePath) + CommandLine.arguments
        let folder = built.first { $0.contains(".xctest") }
            .flatMap { path in
                path.range(of: "/kassaPackageTests.xctest").map { path[..<$0.lowerBound] }
            }
        return "\(folder ?? ".build/debug")/TerminalProbe"
    }

    private let name = "kassa-test-\(UUID().uuidString.prefix(8))"
    private let folder: URL

    /// - Parameter environment: for the shell, beside a UTF-8 locale and no colours refused.
    init(columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let settings = """
            set -g status off
            set -g default-terminal tmux-256color
            set -g escape-time 0
            set -g set-clipboard on
            """
        let configuration = folder.appendingPathComponent("tmux.conf")
        try settings.write(to: configuration, atomically: true, encoding: .utf8)
        let base = ["LANG": "C.UTF-8", "PS1": "$ ", "SWIFT_BACKTRACE": "enable=no"]
        let values = base.merging(environment) { $1 }
        let assignments = values.map { "\($0.key)=\($0.value)" }.sorted()
        try tmux(
            ["-f", configuration.path, "new-session", "-d", "-x", "\(columns)", "-y", "\(rows)"]
                + ["env", "-u", "NO_COLOR"] + assignments + ["bash", "--norc", "--noprofile"])
        _ = try screen { $0.contains("$") }
    }

    deinit {
        _ = try? tmux(["kill-server"])
        try? FileManager.default.removeItem(at: folder)
    }

    /// Runs tmux on the private server and returns what it printed.
    @discardableResult
    func tmux(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tmux")
        process.arguments = ["-L", name] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["TMUX"] = nil
        environment["LC_ALL"] = "C.UTF-8"
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    /// Presses keys, by tmux's names.
    func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

    /// Types a line into the shell.
    func run(_ line: String) throws {
        try tmux(["send-keys", "-l", line])
        try press("Enter")
    }

    /// Sends bytes as if the terminal had.
    func send(_ bytes: [UInt8]) throws {
        try tmux(["send-keys", "-H"] + bytes.map { String($0, radix: 16) })
    }

    /// Pastes as a terminal does.
    func paste(_ text: String) throws {
        try tmux(["set-buffer", "--", text])
        try tmux(["paste-buffer", "-p"])
    }

    func resize(_ columns: Int, _ rows: Int) throws {
        try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    }

    /// What tmux knows of the pane, such as `#{alternate_on}`.
    func ask(_ format: String) throws -> String {
        try tmux(["display-message", "-p", format])
            .trimmingCharacters(in: .newlines)
    }

    /// The screen, once it is as wanted.
    ///
    /// - Throws: after 15 seconds, with what it shows instead.
    @discardableResult
    func screen(_ isWanted: (String) throws -> Bool) throws -> String {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            let text = try tmux(["capture-pane", "-p"])
            if try isWanted(text) { return text }
            guard ContinuousClock.now < deadline else { throw NotShown(screen: text) }
        }
    }

    /// The screen, once it holds a text.
    @discardableResult
    func wait(for text: String) throws -> String { try screen { $0.contains(text) } }

    /// Where the bytes go that the program writes from now on.
    func record() throws -> URL {
        let file = folder.appendingPathComponent("bytes")
        try tmux(["pipe-pane", "-O", "cat > \(file.path)"])
        return file
    }

    struct NotShown: Error, CustomStringConvertible {
        let screen: String
        var description: String { "not shown; the screen is:\n\(screen)" }
    }
}
