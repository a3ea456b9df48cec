import Foundation
import LocalStack
import Logging

/// A stack of this run's own, and the ways to measure it.
final class BenchShop: Sendable {
    /// Clients that bring as much as goes: fewer make smaller batches, more only wait longer.
    static let crowd = "256"

    let addresses: StackAddresses
    let stack: Stack
    private let reference: String
    private let folder: String

    private init(stack: Stack, addresses: StackAddresses, reference: String, folder: String) {
        self.stack = stack
        self.addresses = addresses
        self.reference = reference
        self.folder = folder
    }

    /// Starts PostgreSQL, RabbitMQ and the daemons that lie beside this program.
    static func open(_ path: String, reference: String) async throws -> BenchShop {
        var options = StackOptions(
            path: path, environment: ProcessInfo.processInfo.environment,
            daemonFolder: programFolder)
        options.scattersPorts = true
        options.endsWithCaller = true
        options.maxConnections = 200
        // All of the load is one client to the gateway, which holds each to some rate.
        options.environment["RATE_LIMIT"] = "0"
        let stack = try await Stack(options, logger: Logger(label: "kassa-bench"))
        do {
            return BenchShop(
                stack: stack, addresses: try await stack.start(), reference: reference,
                folder: path)
        } catch {
            await end(stack)
            throw error
        }
    }

    /// In a task of its own, which has its time when the one that measured is cancelled.
    private static func end(_ stack: Stack) async { await Task { await stack.stop() }.value }

    /// Another, with nothing in its tables, in a folder inside this one's.
    func openAnother() async throws -> BenchShop {
        try FileManager.default.createDirectory(
            atPath: "\(folder)/other", withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o711])
        return try await Self.open("\(folder)/other", reference: reference)
    }

    func close() async { await Self.end(stack) }

    // MARK: Kassa

    /// What `kassa load --json` prints.
    struct Load: Decodable {
        struct Percentiles: Decodable { let p50, p99: Double }
        struct Calm: Decodable {
            let lag_us: Double
            let settle_p99_us: [Double?]
        }
        let due, sent, accepted, unanswered, open: Int
        let accepted_per_s, settled_per_s: Double
        let accept_us, refuse_us, settle_us: Percentiles
        let refused: [String: Int]
        let calm: Calm?
    }

    /// Opens the accounts of all that is measured later, so that what is measured is orders alone,
    /// and brings load for as long as it takes until caches and pools are filled.
    func warmUp() async throws {
        for options in [
            ["--accounts", "1", "--prefix", "hot", "--duration", "1", "--clients", "1"],
            ["--duration", "3", "--clients", Self.crowd],
        ] {
            try await load(options, opensAccounts: true)
        }
    }

    /// Brings load to the gateway; orders that are lost make it fail, unless losses are what is
    /// measured.
    @discardableResult
    func load(
        _ options: [String], opensAccounts: Bool = false, mayLose: Bool = false,
        settlingWithin seconds: Int = 300
    ) async throws -> Load {
        let arguments =
            ["load", "--json", "--quiet", "--settling", "\(seconds)"]
            + (opensAccounts ? [] : ["--no-accounts"])
            + ["--gateway", addresses.gateway ?? ""] + options
        let output = try await command("\(Self.programFolder)/kassa", arguments)
            .run(within: .seconds(1_200))
        guard
            let load = try? JSONDecoder().decode(Load.self, from: Data(output.standardOutput.utf8))
        else { throw StackError("kassa load failed: \(output.standardError)") }
        guard load.open == 0 || mayLose else {
            throw StackError("\(load.open) orders did not end within \(seconds) seconds")
        }
        return load
    }

    // MARK: References

    /// Transactions a second of one of the reference scripts, over fresh tables.
    func pgbench(_ script: String, seconds: Int, clients: Int) async throws -> Double {
        if try await psql("SELECT 1 FROM pg_database WHERE datname = 'bench'").isEmpty {
            try await psql("CREATE DATABASE bench")
        }
        try await psqlFile("\(reference)/schema.sql", database: "bench")
        let output = try await postgres(
            "pgbench",
            [
                "--no-vacuum", "--protocol", "prepared", "--client", "\(clients)", "--jobs", "2",
                "--time", "\(seconds)", "--file", "\(reference)/\(script).sql", "bench",
            ]
        ).runOrThrow(within: .seconds(Double(seconds) + 60))
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = line.dropFirst(6).split(separator: " ").first.flatMap({ Double($0) })
        else { throw StackError("pgbench told no rate: \(output)") }
        return rate
    }

    /// The broker's own limit, by a C program that is compiled first.
    func brokerLimit() async throws -> [Figure] {
        let program = "\(folder)/broker"
        if !FileManager.default.fileExists(atPath: program) {
            try await command(
                "/usr/bin/env",
                ["cc", "-O2", "\(reference)/broker.c", "-lrabbitmq", "-o", program]
            ).runOrThrow(within: .seconds(60))
        }
        guard let url = URL(string: addresses.broker), let host = url.host(), let port = url.port
        else { throw StackError("the broker's address cannot be read") }
        let output = try await command(
            program, [host, "\(port)", url.user() ?? "", "20000", "256"]
        ).runOrThrow(input: (url.password() ?? "") + "\n", within: .seconds(120))
        return output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let rate = Double(words[1]) else { return nil }
            return Figure("broker \(words[0])", rate, "/s")
        }
    }

    // MARK: Processes

    /// Runs a statement as the cluster's administrator.
    @discardableResult
    func psql(database: String = "postgres", _ statement: String) async throws -> String {
        try await postgres(
            "psql",
            ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
                + ["--dbname", database, "--command", statement]
        ).runOrThrow(within: .seconds(3_600))
    }

    private func psqlFile(_ file: String, database: String) async throws {
        try await postgres(
            "psql",
            ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", file, database]
        ).runOrThrow(within: .seconds(60))
    }

    private func postgres(_ program: String, _ arguments: [String]) -> Command {
        var command = command("\(PostgresCluster.binaries)/\(program)", arguments)
        command.environment["PGHOST"] = "127.0.0.1"
        command.environment["PGPORT"] = "\(stack.ports[.postgres])"
        command.environment["PGUSER"] = PostgresCluster.administrator
        command.environment["PGPASSFILE"] = addresses.pgpass
        return command
    }

    private func command(_ program: String, _ arguments: [String]) -> Command {
        var command = Command(
            program, arguments, environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
        command.environment["HOME"] = folder
        command.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
        return command
    }

    private static var programFolder: String {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own ?? "").deletingLastPathComponent().path(percentEncoded: false)
    }
}
