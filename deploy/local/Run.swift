import ArgumentParser
import Foundation
import Glibc
import LocalStack
import Logging

/// `run`: the stack in the foreground, for tests and for those who want to watch it.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run in the foreground until Ctrl-C, SIGTERM, or standard input closes.",
        discussion: """
            With --ready-json a line of JSON tells the addresses once everything is healthy, and \
            each line of input is a command to this stack, answered by a line of JSON: 'kill NAME' \
            (SIGKILL, stays down), 'start NAME', 'crash NAME' (SIGQUIT, comes back by itself; for \
            PostgreSQL that is 'pg_ctl restart -m immediate'). Names are those of 'status'.
            """)

    @OptionGroup var location: FolderOption
    @OptionGroup var security: SecurityOption

    @Flag(help: "PostgreSQL and RabbitMQ alone, without the daemons.")
    var onlyBackends = false

    @Flag(help: "RabbitMQ alone.")
    var onlyBroker = false

    @Flag(help: "Print one line of JSON when ready, and take commands on standard input.")
    var readyJSON = false

    @Flag(help: "Use a new folder under $TMPDIR or /var/tmp, and remove it at the end.")
    var temporary = false

    @Flag(help: "Take any free ports, for stacks that run side by side.")
    var anyPorts = false

    @Option(help: "The private PostgreSQL's bound on sessions.")
    var maxConnections = 100

    func run() async throws {
        let input = Interruption.inputLines()
        let signals = Interruption.signals()
        let path = temporary ? try TemporaryFolder.make() : location.path
        defer { if temporary { try? FileManager.default.removeItem(atPath: path) } }
        var options = StackOptions(
            path: path, environment: ProcessInfo.processInfo.environment,
            daemonFolder: onlyBackends || onlyBroker ? nil : Programs.folder)
        options.isSecure = security.secure
        options.scattersPorts = anyPorts
        options.endsWithCaller = temporary
        options.maxConnections = maxConnections
        options.needsPostgres = !onlyBroker
        let stack = try await Stack(options, logger: StackLogger.make())
        let starting = Task { try await stack.start() }
        let ending = Task {
            await withTaskGroup { group in
                group.addTask { for await _ in signals { break } }
                group.addTask { await obey(input, on: stack) }
                await group.next()
                group.cancelAll()
            }
            starting.cancel()
        }
        do {
            let addresses = try await starting.value
            if readyJSON { try announce(addresses, stack) } else { print(addresses) }
            await ending.value
        } catch {
            await stack.stop()
            if error is CancellationError { return }
            throw error
        }
        await stack.stop()
    }

    /// Carries out the lines of `input`; returns when it closes.
    private func obey(_ input: AsyncStream<String>, on stack: Stack) async {
        for await line in input where readyJSON {
            do {
                try await perform(line.split(separator: " ").map(String.init), on: stack)
                say(#"{"done":"\#(line)"}"#)
            } catch {
                let answer = ["failed": line, "reason": "\(error)"]
                say(
                    (try? JSONEncoder().encode(answer)).map { String(decoding: $0, as: UTF8.self) }
                        ?? "{}")
            }
        }
    }

    private func perform(_ words: [String], on stack: Stack) async throws {
        guard words.count == 2 else { throw Failure("expected a verb and a name") }
        let keeper = try await stack.keeper(words[1])
        switch words[0] {
        case "kill": await keeper.end(with: SIGKILL, hold: true)
        case "start": try await keeper.start(within: Stack.brokerPatience)
        case "crash":
            await keeper.end(with: SIGQUIT, hold: false)
            try await keeper.start(within: Stack.brokerPatience)
        default: throw Failure("unknown verb")
        }
    }

    private func announce(_ addresses: StackAddresses, _ stack: Stack) throws {
        let ready = ReadyLine(
            path: stack.location.path, serverPath: stack.location.serverPath,
            addresses: addresses, ports: stack.ports)
        say(String(decoding: try JSONEncoder().encode(ready), as: UTF8.self))
    }

    private func print(_ addresses: StackAddresses) {
        for (name, value) in addresses.exports { say("\(name)=\(value.withoutPassword)") }
        say("Running until Ctrl-C.")
    }
}

/// A folder that nobody else has.
enum TemporaryFolder {
    static func make() throws -> String {
        // /tmp is often a small one in memory, and a test run's databases are gigabytes.
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        var template = Array((base + "/kassa.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("Could not make a temporary folder") }
        let path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        // The servers' account passes through it when root calls.
        chmod(path, 0o711)
        return path
    }
}

/// The folder of this program, in which the build puts the daemons too.
enum Programs {
    static var own: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    }

    static var folder: String {
        URL(filePath: own).deletingLastPathComponent().path(percentEncoded: false)
    }
}

/// Lines for people on standard error: the time, and what happened.
enum StackLogger {
    static func make() -> Logger {
        Logger(label: "kassa-stack") { StreamLogHandler.standardError(label: $0) }
    }
}
