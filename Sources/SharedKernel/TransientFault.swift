/// An error that may pass by itself: a server that restarts, a lock that is held, a queue that is
/// full.
///
/// Whoever catches a transient fault keeps what it holds and tries again later; a door answers 503
/// with `Retry-After`. Every other error is permanent: trying again would only fail again.
package protocol TransientFault: Error {
    /// Whether the same call may succeed later.
    var isTransient: Bool { get }
}

/// Whether an error, of whatever type, may pass by itself.
package func isTransient(_ error: any Error) -> Bool {
    (error as? any TransientFault)?.isTransient ?? false
}
