import Glibc
import Synchronization

/// A named place at which a test may have the process die or freeze, to see what is left then.
///
/// `KASSA_FAILPOINT=name` kills the process (SIGKILL: no word, no cleaning up) when it first
/// reaches the place of that name; `KASSA_FAILPOINT=name:stop` freezes it (SIGSTOP) until somebody
/// sends SIGCONT. In release builds this does nothing at all, whatever the environment says.
package func failpoint(_ name: StaticString) {
    #if DEBUG
        guard let armed = Armed.point, armed.name == "\(name)" else { return }
        // Once: after SIGCONT the process goes on as if nothing had been.
        guard
            Armed.isSpent.compareExchange(
                expected: false, desired: true, ordering: .relaxed
            ).exchanged
        else { return }
        // To this very thread: one that is sent to the process may come late, to another thread.
        raise(armed.signal)
    #endif
}

#if DEBUG
    private enum Armed {
        static let isSpent = Atomic(false)
        static let point: (name: String, signal: Int32)? = {
            guard let text = getenv("KASSA_FAILPOINT") else { return nil }
            let parts = String(cString: text).split(separator: ":")
            guard let name = parts.first else { return nil }
            return (String(name), parts.last == "stop" ? SIGSTOP : SIGKILL)
        }()
    }
#endif
