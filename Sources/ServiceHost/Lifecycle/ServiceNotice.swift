import Glibc

/// What a daemon tells systemd (sd_notify).
package enum ServiceNotice: Equatable, Sendable {
    /// It has what it needs and its doors are open.
    case ready
    /// A line for `systemctl status`.
    case status(String)
    /// It reads its settings again; ``ready`` ends it.
    case reloading
    /// It shuts down.
    case stopping
    /// Its loops make progress.
    case alive
    /// The start may take this much longer from now on.
    case startTakes(Duration)

    /// The protocol's lines.
    var text: String {
        switch self {
        case .ready: "READY=1"
        case .status(let line): "STATUS=" + line.replacing("\n", with: " ")
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)"
        case .stopping: "STOPPING=1"
        case .alive: "WATCHDOG=1"
        case .startTakes(let duration):
            "EXTEND_TIMEOUT_USEC=\(duration.components.seconds * 1_000_000)"
        }
    }

    private static var monotonicMicroseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
