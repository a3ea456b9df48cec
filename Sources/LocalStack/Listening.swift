import Foundation

/// Whether a process itself listens on a port: a stranger's answer there must not pass for its own.
enum Listening {
    static func isListening(process: Int32, port: Int) -> Bool {
        let sockets = Set(
            ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { table in
                inodes(listeningOn: port, in: Disk.read(table) ?? "")
            }.map { "socket:[\($0)]" })
        let folder = "/proc/\(process)/fd"
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return descriptors.contains { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "\(folder)/\(descriptor)")
            return target.map(sockets.contains) ?? false
        }
    }

    /// The inodes of the sockets in state LISTEN (0A) in the kernel's table.
    static func inodes(listeningOn port: Int, in table: String) -> [Substring] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A",
                let local = fields[1].split(separator: ":").last, Int(local, radix: 16) == port
            else { return nil }
            return fields[9]
        }
    }
}
