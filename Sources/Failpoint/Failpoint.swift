import Glibc
import Synchronization

/// A named place at which a test may have the process die or freeze, to see what is left then.
///
/// `KASSA_FAILPOINT=name` kills the process (SIGKILL: no word, no cleaning up) when it first
/// reaches the place of that name, `KASSA_FAILPOINT=name@7` when it does so for the seventh time;
/// `KASSA_FAILPOINT=name:stop` freezes it (SIGSTOP) until somebody sends SIGCONT. In release builds
/// this does nothing at all, whatever the environment says.
package func failpoint(_ name: StaticString) {
    #if DEBUG
        guard let armed = Armed.point, armed.name == "\(name)" else { return }
        // Once: after SIGCONT the process goes on as if nothing had been.
        guard Armed.visits.add(1, ordering: .relaxed).newValue == armed.visit else { return }
        // To this very thread: one that is sent to the process may come late, to another thread.
        raise(armed.signal)
    #endif
}

#if DEBUG
    private enum Armed {
        static let visits = Atomic(0)
        static let point: (name: String, visit: Int, signal: Int32)? = {
            guard let text = getenv("KASSA_FAILPOINT") else { return nil }
            let parts = String(cString: text).split(separator: ":")
            let place = (parts.first ?? "").split(separator: "@")
            guard let name = place.first else { return nil }
            let visit = place.dropFirst().first.flatMap { Int($0) } ?? 1
            return (String(name), visit, parts.last == "stop" ? SIGSTOP : SIGKILL)
        }()
    }
#endif
