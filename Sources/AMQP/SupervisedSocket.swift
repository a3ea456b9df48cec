import Glibc
import Synchronization

/// A second descriptor of the connection's socket, and the one thing that frees a thread stuck in
/// the library.
///
/// `amqp_basic_publish` has no deadline: once the peer is silent and the buffers are full it never
/// returns. From another thread only `shutdown` is safe. It is called on a duplicate, because the
/// library closes its own descriptor when it likes, and the number could be somebody else's by
/// then.
final class SupervisedSocket: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant?
        var hasExpired = false
    }

    /// Open as long as this object lives.
    let descriptor: Int32
    private let state = Mutex(State())

    /// Duplicates `original` and bounds how long its unacknowledged bytes may linger: 20 s.
    init?(duplicating original: Int32) {
        descriptor = fcntl(original, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return nil }
        var limit: UInt32 = 20_000
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit,
            socklen_t(MemoryLayout.size(ofValue: limit)))
    }

    deinit { close(descriptor) }

    /// Whether a call overran, so that the socket was shut down.
    var hasExpired: Bool { state.withLock { $0.hasExpired } }

    /// Runs `body`, which may block in the library; once `deadline` has passed it is freed.
    func supervised<Result>(
        until deadline: ContinuousClock.Instant, _ body: () throws -> Result
    ) rethrows -> Result {
        let outer = state.withLock { state in
            defer { state.deadline = min(deadline, state.deadline ?? deadline) }
            return state.deadline
        }
        defer { state.withLock { $0.deadline = outer } }
        return try body()
    }

    /// Looks after the deadlines until the task is cancelled. Ends after it had to shut the socket
    /// down.
    func supervise(every interval: Duration) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            let isOverdue = state.withLock { state in
                guard let deadline = state.deadline, deadline <= .now else { return false }
                state.hasExpired = true
                return true
            }
            if isOverdue {
                shutdown(descriptor, Int32(SHUT_RDWR))
                return
            }
        }
    }
}
