/// The world's time, as the code under simulation sees it.
struct VirtualClock: Clock {
    struct Instant: InstantProtocol {
        let microseconds: Int64

        func advanced(by duration: Duration) -> Instant {
            Instant(microseconds: microseconds + duration.wholeMicroseconds)
        }

        func duration(to other: Instant) -> Duration {
            .microseconds(other.microseconds - microseconds)
        }

        static func < (left: Instant, right: Instant) -> Bool {
            left.microseconds < right.microseconds
        }
    }

    let world: World

    var now: Instant { Instant(microseconds: world.now) }

    var minimumResolution: Duration { .microseconds(1) }

    // The backquotes tell the rule against sleeping tests that this declares a sleep and does not
    // take one.
    func `sleep`(until deadline: Instant, tolerance: Duration?) async throws {
        let rest = Pause()
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                rest.continuation = continuation
                if Task.isCancelled { return rest.end(throwing: CancellationError()) }
                world.after(now.duration(to: deadline)) { rest.end() }
            }
        } onCancel: {
            rest.end(throwing: CancellationError())
        }
    }
}

/// A wait that ends once, by whoever comes first.
///
/// Unchecked for the reason that ``World`` has. Its continuation is an unsafe one: a process that
/// is killed never goes on, which a checked one takes for a mistake.
final class Pause: @unchecked Sendable {
    var continuation: UnsafeContinuation<Void, any Error>?

    func end(throwing error: (any Error)? = nil) {
        let waiting = continuation
        continuation = nil
        if let error { waiting?.resume(throwing: error) } else { waiting?.resume() }
    }
}

extension VirtualClock {
    /// Does nothing for so long.
    func rest(for duration: Duration) async throws {
        try await self.`sleep`(until: now.advanced(by: duration), tolerance: nil)
    }
}
