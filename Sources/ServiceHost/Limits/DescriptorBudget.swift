import Glibc

/// How many descriptors the process may have, and how many of them are its callers'.
///
/// A daemon must never come to the end of them: Swift's dispatch library looks at its own threads
/// through `/proc` while it is busy, and ends the process (SIGILL in
/// `_dispatch_workq_monitor_pools`) where it cannot open a file for that. So the doors let in no
/// more connections than there are descriptors for.
package struct DescriptorBudget: Sendable {
    /// What the process may have open at once.
    let granted: Int
    /// What the daemon itself may need: connections to its backends, event loops, files.
    let own: Int
    /// The least that a door is worth opening for.
    static let leastConnections = 16

    /// - Parameters: as the properties.
    init(granted: Int, own: Int) {
        self.granted = granted
        self.own = own
    }

    /// Takes as many descriptors as the system grants: the usual 1,024 are the width of the door
    /// alone.
    ///
    /// - Parameter own: the most that the daemon has open for itself.
    package static func claim(own: Int) -> DescriptorBudget {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else {
            return DescriptorBudget(granted: 1_024, own: own)
        }
        let soft = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        let granted = setrlimit(resource, &limit) == 0 ? limit.rlim_max : soft
        return DescriptorBudget(granted: Int(clamping: granted), own: own)
    }

    /// How many connections the HTTP door may let in: those that were asked for, or as many as
    /// there is room for.
    ///
    /// - Parameters:
    ///   - wanted: without the reserve for `/health`.
    ///   - others: connections at the daemon's other doors.
    /// - Throws: ``ConfigurationFault`` where hardly any would be left.
    func connections(wanted: Int, others: Int) throws(ConfigurationFault) -> Int {
        let taken = own + others + HTTPServer.Limits.reserve
        guard granted - taken >= min(wanted, Self.leastConnections) else {
            throw ConfigurationFault(
                "the process may have \(granted) files open and needs "
                    + "\(taken + Self.leastConnections) or more; raise the limit "
                    + "(LimitNOFILE= in the unit, ulimit -Hn in a shell)")
        }
        return min(wanted, granted - taken)
    }
}
