package import JSON
import NIOHTTP1

/// How the books stand, as the gateway tells it.
package struct AuditRecord: Hashable, Sendable {
    /// `balanced`, `wrong` or `unknown`.
    package let state: String
    /// How many things are wrong.
    package let wrong: Int

    /// What a whole audit found counts, and what the latest look at new orders found.
    init(json: JSONValue) throws(CallFailure) {
        guard let state = json["state"]?.string else { throw .nonsense("books without state") }
        func wrong(_ report: JSONValue?) -> Int {
            guard case .number(let digits)? = report?["wrong"] else { return 0 }
            return Int(digits) ?? 0
        }
        self.state = state.displayed(upTo: 16)
        self.wrong = max(wrong(json), wrong(json["latest"]))
    }
}

extension GatewayClient {
    /// How the books stand, from what was found before: cheap enough to poll.
    ///
    /// - Throws: ``CallFailure``; 404 from a gateway that does not audit.
    package func audit() async throws(CallFailure) -> Told<AuditRecord> {
        try await tell(call(.GET, "/audit")) { json throws(CallFailure) in
            try AuditRecord(json: json)
        }
    }

    /// Asks for any JSON, as an audit reads its pages.
    ///
    /// - Parameter target: path and query, encoded.
    /// - Throws: ``CallFailure``.
    package func json(_ target: String) async throws(CallFailure) -> JSONValue {
        try await call(.GET, target).json()
    }

    /// An order's life, step by step.
    ///
    /// - Throws: ``CallFailure``; 404 for one that does not exist.
    package func trace(of order: String) async throws(CallFailure) -> JSONValue {
        try await json("/orders/\(PercentEncoding.encode(order))/trace")
    }
}
