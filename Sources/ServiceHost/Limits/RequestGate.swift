import Synchronization

/// Lets so many requests be worked on at the same time, and refuses the others at once: beyond
/// what a daemon can do, each further request would only make all of them slower.
///
/// One gate for all doors of a daemon; health and metrics do not pass it.
package final class RequestGate: Sendable {
    private let limit: Int
    private let busy = Atomic<Int>(0)

    /// - Parameter limit: requests at once, 1 or more.
    package init(_ limit: Int) {
        precondition(limit >= 1)
        self.limit = limit
    }

    /// How many requests are being worked on.
    package var count: Int { busy.load(ordering: .relaxed) }

    /// Whether one more would be let in now.
    package var hasRoom: Bool { count < limit }

    /// Does a request's work, if there is room.
    ///
    /// - Throws: ``HTTPFault`` 503 with `Retry-After` where there is none, else what `work` throws.
    package func pass<Value>(_ work: () async throws -> Value) async throws -> Value {
        let (_, now) = busy.add(1, ordering: .relaxed)
        defer { busy.subtract(1, ordering: .relaxed) }
        guard now <= limit else { throw HTTPFault.overloaded }
        return try await work()
    }
}

extension HTTPFault {
    /// 503: the daemon has as much to do as it can do in reasonable time.
    static var overloaded: HTTPFault { .unavailable("Too busy, try again") }
}
