import Glibc

/// `poll` on one descriptor, with a deadline.
enum Readiness {
    /// Gives the events that are ready; an error or hang-up counts as readable and writable, for
    /// the next read or write will tell. Throws `.timedOut` at the deadline or when the pool's
    /// patience is cut, `.connectionLost` when there is no descriptor.
    static func wait(
        for events: Int32, on descriptor: Int32, by deadline: ContinuousClock.Instant,
        or cutoff: Cutoff
    ) throws(PostgresError) -> Int32 {
        guard descriptor >= 0 else { throw PostgresError(.connectionLost, "no socket") }
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            // Rounded up, or the last millisecond would be a busy loop.
            let left = (deadline - .now).milliseconds + 1
            guard left > 0, !cutoff.isCut else {
                throw PostgresError(.timedOut, "no answer from the server in time")
            }
            let ready = poll(&entry, 1, Int32(clamping: min(left, Cutoff.slice.milliseconds)))
            if ready > 0 {
                let broken = Int32(entry.revents) & (POLLERR | POLLHUP | POLLNVAL)
                return broken == 0 ? Int32(entry.revents) : events
            }
            if ready < 0 && errno != EINTR {
                throw PostgresError(.connectionLost, "poll: \(String(cString: strerror(errno)))")
            }
        }
    }
}
