import Glibc

/// A process that cannot be mistaken for a later one with the same number.
package struct ProcessIdentity: Sendable, Equatable, Codable {
    package let pid: Int32
    /// Clock ticks after boot, from /proc: differs for the next process that gets the pid.
    package let startTime: UInt64

    /// The running process `pid`; `nil` when there is none.
    package init?(pid: Int32) {
        guard let status = Disk.read("/proc/\(pid)/stat"),
            let fields = Self.fields(of: status), fields.state != "Z"
        else { return nil }
        self.pid = pid
        self.startTime = fields.startTime
    }

    package var isRunning: Bool { ProcessIdentity(pid: pid) == self }

    /// State, parent and start time out of a line of /proc/PID/stat; the name in it may hold
    /// anything.
    static func fields(of status: String) -> (state: Substring, parent: Int32, startTime: UInt64)? {
        guard let end = status.lastIndex(of: ")") else { return nil }
        let fields = status[status.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let parent = Int32(fields[1]), let start = UInt64(fields[19])
        else { return nil }
        return (fields[0], parent, start)
    }
}
