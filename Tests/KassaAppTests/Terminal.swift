import Foundation
import LocalStack
import TestSupport
import Testing

/// A tmux server of its own with kassa in its one pane.
struct Terminal {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/tmux")

    private let name = "kassa-\(UUID().uuidString)"

    static func open(
        _ arguments: [String] = [], gateway: String, _ body: (Terminal) async throws -> Void
    ) async throws {
        let terminal = Terminal()
        let folder = FileManager.default.temporaryDirectory.appending(path: terminal.name).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = try BuiltProgram.path("kassa")
        let command = ([program, "--gateway", gateway] + arguments).joined(separator: " ")
        do {
            try await terminal.tmux([
                "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "36",
                "env LANG=C.UTF-8 XDG_STATE_HOME=\(folder) XDG_CONFIG_HOME=\(folder) "
                    // Nothing stays even where the tests are killed.
                    + "timeout --foreground 120 \(command); "
                    + "echo ended with $?; timeout 60 cat",
            ])
            try await body(terminal)
            try await terminal.tmux(["kill-server"])
        } catch {
            _ = try? await terminal.tmux(["kill-server"])
            throw error
        }
    }

    func press(_ keys: String...) async throws { try await press(keys) }

    func press(_ keys: [String]) async throws { try await tmux(["send-keys"] + keys) }

    /// The screen, once it shows the text.
    @discardableResult
    func wait(for text: String) async throws -> String {
        try await wait(until: "'\(text)' is shown") { $0.contains(text) }
    }

    /// The screen, once it is as wanted.
    @discardableResult
    func wait(
        until what: String = "the screen is as wanted", _ isWanted: (String) -> Bool
    ) async throws -> String {
        var shown = ""
        do {
            try await eventually(within: .seconds(30), "\(what)") {
                shown = try await tmux(["capture-pane", "-p"])
                return isWanted(shown)
            }
        } catch {
            Issue.record("not so: \(what); the screen is:\n\(shown)")
            throw error
        }
        return shown
    }

    /// Its output goes by way of a file: the server that the first call starts keeps its own open.
    @discardableResult
    private func tmux(_ arguments: [String]) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(name).out").path
        let script = #"/usr/bin/tmux "$@" > "$0" 2>&1 < /dev/null; cat "$0"; rm -f "$0""#
        let command = Command(
            "/bin/sh", ["-c", script, file, "-L", name] + arguments,
            environment: [
                "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color",
                "HOME": "/nonexistent",
            ])
        return try await command.runOrThrow(within: .seconds(20))
    }
}
