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

    /// Takes a place, which has to be given back by ``leave()``; false where there is none.
    func enter() -> Bool {
        guard busy.add(1, ordering: .relaxed).newValue > limit else { return true }
        leave()
        return false
    }

    /// Takes a place, which has to be given back by ``leave()``.
    ///
    /// - Throws: ``HTTPFault`` 503 with `Retry-After` where there is none.
    package func takePlace() throws(HTTPFault) {
        guard enter() else { throw .overloaded }
    }

    /// Gives a place back.
    package func leave() { busy.subtract(1, ordering: .relaxed) }

    /// Does a request's work, if there is room.
    ///
    /// - Throws: ``HTTPFault`` 503 with `Retry-After` where there is none, else what `work` throws.
    package func pass<Value>(_ work: () async throws -> Value) async throws -> Value {
        try takePlace()
        return try await passHoldingPlace(work)
    }

    /// Does the work of a request that has its place, and gives that back.
    ///
    /// - Throws: what `work` throws.
    func passHoldingPlace<Value>(_ work: () async throws -> Value) async throws -> Value {
        defer { leave() }
        return try await work()
    }
}

extension HTTPFault {
    /// 503: the daemon has as much to do as it can do in reasonable time.
    static var overloaded: HTTPFault { .unavailable("Too busy, try again") }
}
