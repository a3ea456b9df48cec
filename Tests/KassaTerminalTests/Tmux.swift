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
        let base = ["LC_ALL": "", "LANG": "C.UTF-8", "PS1": "$ ", "SWIFT_BACKTRACE": "enable=no"]
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
    ///
    /// Spawned without Foundation, whose `Process` waits for as long as the server it starts lives.
    @discardableResult
    func tmux(_ arguments: [String]) throws -> String {
        let output = folder.appendingPathComponent("output").path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let words = Self.list(["tmux", "-L", name] + arguments)
        let values = Self.list(["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TERM=xterm"])
        defer { (words + values).forEach { free($0) } }
        var pid: pid_t = 0
        // Threads of the test runner block signals, and what they start inherits that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        guard posix_spawn(&pid, "/usr/bin/tmux", &actions, &attributes, words, values) == 0 else {
            throw NotShown(screen: "tmux does not start")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return try String(contentsOfFile: output, encoding: .utf8)
    }

    /// Texts as C takes them, ended by NULL; the caller frees each.
    private static func list(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { text in strdup(text) } + [nil]
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
        let file = folder.appendingPathComponent("paste")
        try text.write(to: file, atomically: true, encoding: .utf8)
        try tmux(["load-buffer", file.path])
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
    /// - Throws: after ten seconds, with what it shows instead.
    @discardableResult
    func screen(_ isWanted: (String) throws -> Bool) throws -> String {
        let deadline = ContinuousClock.now + .seconds(10)
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

    /// What was recorded, once it holds a text.
    func recorded(_ file: URL, with text: String) throws -> Data {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let bytes = (try? Data(contentsOf: file)) ?? Data()
            if bytes.range(of: Data(text.utf8)) != nil { return bytes }
            sched_yield()
        }
        throw NotShown(screen: "\(text.debugDescription) was not recorded")
    }

    struct NotShown: Error, CustomStringConvertible {
        let screen: String
        var description: String { "not shown; the screen is:\n\(screen)" }
    }
}
