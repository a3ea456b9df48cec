import NIOCore
package import ServiceHost
import Synchronization

extension OrderRPCServer {
    /// The bounds of the door that are not the contract's.
    package struct Limits: Sendable {
        let connections: Int
        let limiter: RateLimiter
        let requests: RequestGate
        let streamDeadline: Duration

        /// - Parameters:
        ///   - connections: at once; more are closed.
        ///   - limiter: counts the calls of each client.
        ///   - requests: how many calls and HTTP requests there may be at once.
        ///   - streamDeadline: from a call's first frame to its last, whatever it waits for.
        package init(
            connections: Int, limiter: RateLimiter, requests: RequestGate,
            streamDeadline: Duration = .seconds(30)
        ) {
            self.connections = connections
            self.limiter = limiter
            self.requests = requests
            self.streamDeadline = streamDeadline
        }

        /// What a daemon has unless told otherwise.
        package static var standard: Limits {
            let limits = RequestLimits()
            return Limits(
                connections: 256, limiter: RateLimiter(limits),
                requests: RequestGate(limits.atOnce))
        }
    }
}

/// Counts a door's connections. Beyond the limit one is closed at once, which clients take for
/// UNAVAILABLE.
final class ConnectionLimit: Sendable {
    /// There are as many as there may be.
    struct Reached: Error {}

    private let limit: Int
    private let open = Atomic<Int>(0)

    init(_ limit: Int) { self.limit = limit }

    /// Counts a connection from here to its end.
    ///
    /// - Throws: ``Reached``; nothing should be begun for it then.
    func admit(_ connection: any Channel) throws(Reached) {
        let count = open.add(1, ordering: .relaxed).newValue
        connection.closeFuture.whenComplete { _ in self.open.subtract(1, ordering: .relaxed) }
        guard count <= limit else { throw Reached() }
    }
}
