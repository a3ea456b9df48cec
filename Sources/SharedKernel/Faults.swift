/// An error that may pass by itself: a server that restarts, a lock that is held, a queue that is
/// full.
///
/// Whoever catches a transient fault keeps what it holds and tries again later; a door answers 503
/// with `Retry-After`.
package protocol TransientFault: Error {
    /// Whether the same call may succeed later.
    var isTransient: Bool { get }
}

/// An error that its input causes, whoever handles it and whenever: only such a message is parked.
///
/// Every other error is the system's own trouble, and a message waits until it is mended.
package protocol InputFault: Error {
    /// Whether the input is at fault, beyond doubt.
    var concernsInput: Bool { get }
}

/// An error that leaves open whether the work was done: a door must not invite to try again.
package protocol UncertainFault: Error {
    /// Whether the work may have been carried out all the same.
    var isUncertain: Bool { get }
}

/// Whether an error, of whatever type, may pass by itself.
package func isTransient(_ error: any Error) -> Bool {
    (error as? any TransientFault)?.isTransient ?? false
}

/// Whether an error, of whatever type, is its input's fault.
package func concernsInput(_ error: any Error) -> Bool {
    (error as? any InputFault)?.concernsInput ?? false
}

/// Whether the work may have been carried out in spite of an error of whatever type.
package func isUncertain(_ error: any Error) -> Bool {
    (error as? any UncertainFault)?.isUncertain ?? false
}
