import Foundation
import Glibc
import LocalStack
import TestSupport

/// A small disk in memory under PostgreSQL's data, to be filled to the last byte.
struct SmallDisk: Sendable {
    private let folder: String
    private var ballast: String { folder + "/ballast" }

    /// Why there can be none; nil where there can.
    static var obstacle: String? {
        geteuid() == 0 ? nil : "to mount a small disk needs root"
    }

    /// Moves the data of a running PostgreSQL onto a new disk; it is killed for that.
    static func put(under stack: TestStack, megabytes: Int) async throws -> SmallDisk {
        let folder = try stack.postgresFolder
        try await stack.killPostgres()
        try await run("/bin/mv", [folder, folder + ".before"])
        try await run("/bin/mkdir", ["--mode=700", folder])
        try await run("/bin/chown", ["--reference=\(folder).before", folder])
        try await run(
            "/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", "kassa", folder])
        try await run("/bin/chown", ["--reference=\(folder).before", folder])
        try await run("/bin/cp", ["--archive", folder + ".before/.", folder])
        try await run("/bin/rm", ["--recursive", folder + ".before"])
        try await stack.startPostgres()
        // The log of changes must not take the disk by itself.
        _ = try await stack.psql("ALTER SYSTEM SET max_wal_size = '96MB'")
        _ = try await stack.psql("ALTER SYSTEM SET min_wal_size = '32MB'")
        _ = try await stack.psql("SELECT pg_reload_conf()")
        return SmallDisk(folder: folder)
    }

    /// Takes all that is left.
    func fill() throws {
        let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StackError("no ballast: errno \(errno)") }
        defer { Glibc.close(file) }
        let block = [UInt8](repeating: 0, count: 1 << 16)
        while Glibc.write(file, block, block.count) > 0 {}
    }

    /// Gives it back.
    func empty() { unlink(ballast) }

    /// Unmounts it, PostgreSQL having been killed.
    func remove(from stack: TestStack) async {
        empty()
        try? await stack.killPostgres()
        try? await Self.run("/bin/umount", ["--lazy", folder])
    }

    private static func run(_ program: String, _ arguments: [String]) async throws {
        try await Command(program, arguments, environment: ["PATH": "/usr/bin:/bin"])
            .runOrThrow(within: .seconds(60))
    }
}
