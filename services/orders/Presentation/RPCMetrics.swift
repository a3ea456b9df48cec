import GRPCCore
import Metrics
import Synchronization

/// Calls by method and code, and how long they took. Both are fixed lists, so no caller can make
/// series without end.
final class RPCMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let code: RPCError.Code?
    }

    private struct Instruments {
        let calls: Counter
        let duration: Metrics.Timer
    }

    private let instruments = Mutex<[Key: Instruments]>([:])

    /// - Parameter code: nil for a call that went well.
    func observe(_ method: String, _ code: RPCError.Code?, elapsed: Duration) {
        let key = Key(method: method, code: code)
        let instruments = instruments.withLock { instruments in
            if let known = instruments[key] { return known }
            let made = Self.make(key)
            instruments[key] = made
            return made
        }
        instruments.calls.increment()
        instruments.duration.recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
    }

    private static func make(_ key: Key) -> Instruments {
        Instruments(
            calls: Counter(
                label: "kassa_grpc_requests",
                dimensions: [
                    ("method", key.method), ("code", key.code.map { "\($0)" } ?? "ok"),
                ]),
            duration: Metrics.Timer(
                label: "kassa_grpc_request_duration", dimensions: [("method", key.method)],
                preferredDisplayUnit: .seconds))
    }
}
