package import Access
package import Hummingbird
package import Logging
import NIOCore
package import SharedKernel

/// What a request carries besides itself: its logger, its path parameters and what ties its trip
/// together.
package struct KassaRequestContext: RequestContext {
    /// Hummingbird's own part.
    package var coreContext: CoreRequestContextStorage
    /// The request's id and trace context; always with an id inside a route.
    package var correlation = Correlation.none
    /// Who makes the call, or why they may not; nobody until the door has looked.
    var admission: Result<Caller, AccessRefusal> = .failure(.notAuthenticated)
    /// Who makes the call; in an open route it may be anybody.
    package var caller: Caller { (try? admission.get()) ?? .anonymous }

    /// What the request may be; set by the router.
    package var limits = RequestLimits()
    private let channel: any Channel
    /// Whether it came on its connection by itself, not in a batch.
    var cameAlone = false

    /// Called by the server, once a request.
    package init(source: Source) {
        channel = source.channel
        coreContext = .init(source: source)
    }

    /// Takes over the place in the gate that the connection holds for this request; false where it
    /// holds none.
    func takePlace() -> Bool {
        guard cameAlone, channel.eventLoop.inEventLoop else { return false }
        let pipeline = channel.pipeline.syncOperations
        return (try? pipeline.handler(type: RequestAdmission.self).handOver()) ?? false
    }

    /// Logs with the request's id and its caller in every entry. Made when it is asked for, since
    /// most requests have nothing to say.
    package var requestLogger: Logger { logger.about(correlation, caller) }

    /// Where the request comes from; nil as from a local socket.
    var address: SocketAddress? { channel.remoteAddress }

    /// A path parameter, percent-decoded once; nil where that is no UTF-8.
    package func pathText(_ name: String) -> String? {
        parameters.get(name).flatMap { PercentCoding.decode($0) }
    }

    /// A path parameter as a user id; nil for what cannot be one, which is then simply not found.
    package func pathUserID(_ name: String) -> UserID? {
        pathText(name).flatMap { try? UserID($0) }
    }

    /// A path parameter as an order id; nil for what is no UUID, which is then simply not found.
    package func pathOrderID(_ name: String) -> OrderID? {
        pathText(name).flatMap { OrderID($0) }
    }
}
