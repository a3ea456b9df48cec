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

extension OrderRPCServer.Limits {
    /// Beyond the limit a connection is closed at once, which clients take for UNAVAILABLE.
    var limitConnections: @Sendable (any Channel) -> EventLoopFuture<Void> {
        let open = OpenConnections()
        return { [connections] channel in
            let count = open.count.add(1, ordering: .relaxed).newValue
            channel.closeFuture.whenComplete { _ in open.count.subtract(1, ordering: .relaxed) }
            // Later, since the connection is still being set up.
            if count > connections { channel.eventLoop.execute { channel.close(promise: nil) } }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
    }
}

private final class OpenConnections: Sendable {
    let count = Atomic<Int>(0)
}
