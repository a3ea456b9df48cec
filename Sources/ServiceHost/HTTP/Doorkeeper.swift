import Access
import Hummingbird
import Logging
import NIOCore
import SharedKernel

/// What every request goes through around its route, whichever way it comes: who makes it, its id,
/// its client's rate; and on the way back the error shape, its numbers and one log line.
struct Doorkeeper: Sendable {
    let access: AccessGuard
    let limits: RequestLimits
    let limiter: RateLimiter
    let errors: ErrorMapper
    let metrics: RequestMetrics
    let accessLogLevel: Logger.Level

    /// A request on its way through the door.
    struct Visit: Sendable {
        let started = ContinuousClock.now
        let correlation: Correlation
        let admission: Result<Caller, AccessRefusal>

        /// Who makes it, if they may do what the route needs.
        ///
        /// - Throws: ``HTTPFault`` 401, 403 or 400.
        func caller(needing role: Role) throws(HTTPFault) -> Caller {
            do throws(AccessRefusal) {
                return try admission.get(needing: role)
            } catch {
                throw HTTPFault(error)
            }
        }
    }

    /// A request comes in.
    func visit(_ fields: HTTPFields) -> Visit {
        Visit(
            correlation: correlation(of: fields),
            admission: access.identify(Credentials(fields)))
    }

    /// Counts the request towards its client's rate.
    ///
    /// - Parameter address: whose rate it is where no good token was shown.
    /// - Throws: ``HTTPFault`` 429.
    func count(_ visit: Visit, from address: SocketAddress?) throws(HTTPFault) {
        try limiter.admit(
            ClientKey(try? visit.admission.get()) ?? ClientKey(address))
    }

    /// A request has its answer.
    ///
    /// - Parameter route: the pattern that matched, nil where none did.
    func observe(
        _ visit: Visit, route: String?, _ method: HTTPRequest.Method,
        path: @autoclosure () -> String, _ status: HTTPResponse.Status, _ logger: Logger
    ) {
        let elapsed = ContinuousClock.now - visit.started
        let route = route ?? "NotFound"
        metrics.observe(route: route, method: method, status: status, elapsed: elapsed)
        let level = status == .internalServerError ? .warning : accessLogLevel
        guard logger.logLevel <= level else { return }
        logger.about(visit.correlation, try? visit.admission.get()).log(
            level: level, "request",
            metadata: [
                "method": .string(method.rawValue), "route": .string(route),
                "path": .string(path()), "status": .string("\(status.code)"),
                "ms": .string("\(elapsed / .milliseconds(1))"),
            ])
    }
}

extension Logger {
    /// The same logger with a request's id and its caller in every entry. Made when there is
    /// something to say, since most requests have nothing.
    func about(_ correlation: Correlation, _ caller: Caller?) -> Logger {
        var logger = self
        logger[metadataKey: "request_id"] = .string(correlation.requestID ?? "")
        logger[metadataKey: "caller"] = .string((caller ?? .anonymous).name)
        return logger
    }
}
