import ArgumentParser
import Foundation
import Glibc
import LocalStack

/// `down`: stops what `up` started.
struct Down: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stop everything; data stay.",
        discussion: "Gateway first, then the services, the broker and the database; all of it."
    )

    @OptionGroup var location: FolderOption

    func run() async throws {
        guard let state = StackState.read(location.folder) else {
            return say("Kassa is not up in \(location.path).")
        }
        if state.isSupervised {
            say("Stopping Kassa in \(location.path)")
            kill(state.supervisor.pid, SIGTERM)
            if await !Orphans.hasEnded(state.supervisor, within: .seconds(100)) {
                kill(state.supervisor.pid, SIGKILL)
            }
        }
        // None, unless the supervisor was killed.
        let orphans = await Orphans.end((StackState.read(location.folder) ?? state).processes)
        if !orphans.isEmpty {
            say("Stopped what a killed supervisor had left: \(orphans.joined(separator: ", "))")
        }
        say("Kassa is down; its data stay in \(state.serverPath).")
    }
}

/// `wipe`: removes all data.
struct Wipe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove the folder with all data, logs and passwords. Refuses while up.")

    @OptionGroup var location: FolderOption

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let state = StackState.read(location.folder)
        guard state?.isSupervised != true else {
            throw Failure("Kassa is up in \(location.path). Stop it first: kassa-stack down")
        }
        let running = state?.processes.contains { $0.process?.isRunning == true } ?? false
        guard !running else {
            throw Failure(
                "Processes still run in \(location.path). Stop them first: kassa-stack down")
        }
        guard FileManager.default.fileExists(atPath: location.path) else {
            return say("Nothing to remove: there is no \(location.path).")
        }
        // A mistyped --dir must not cost anybody a folder.
        guard FileManager.default.fileExists(atPath: location.folder.lock) else {
            throw Failure("\(location.path) is no folder of kassa-stack: nothing removed")
        }
        let paths = Set([location.path, state?.serverPath ?? location.path]).sorted()
        if !yes {
            say(
                "Remove \(paths.joined(separator: " and ")) with every order and account? Type yes:"
            )
            guard readLine() == "yes" else { throw Failure("Nothing removed") }
        }
        for path in paths where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
        say("Removed \(paths.joined(separator: " and ")).")
    }
}
