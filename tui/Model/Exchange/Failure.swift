/// Why a call gave no answer that can be used.
package enum Failure: Hashable, Sendable {
    /// Nothing was sent: no connection could be made.
    case unreachable(String)
    /// The connection broke after the request had left.
    case broken(String)
    /// No answer in time.
    case timedOut
    /// 5xx, with the server's words; 503 may say after how many seconds to try again.
    case server(status: Int, detail: String, retryAfter: Int? = nil)
    /// 4xx: the server understood and said no; `fields` names the members it objects to.
    case refused(status: Int, detail: String, fields: [FieldRefusal] = [])
    /// An answer outside the contract.
    case nonsense(String)

    /// Whether a POST that ended so may have been carried out all the same.
    package var leavesOutcomeUnknown: Bool {
        switch self {
        case .broken, .timedOut, .server, .nonsense: true
        case .unreachable, .refused: false
        }
    }

    /// The failure in a few words for the operator.
    package var text: String {
        switch self {
        case .unreachable(let why): why.isEmpty ? "cannot reach the gateway" : why
        case .broken(let why): why.isEmpty ? "connection broke" : "connection broke: \(why)"
        case .timedOut: "no answer in time"
        case .server(let status, let detail, _): "\(status) \(detail)"
        case .refused(_, let detail, _): detail
        case .nonsense(let why): why.isEmpty ? "answer makes no sense" : "odd answer: \(why)"
        }
    }
}

/// A server's objection to one field.
package struct FieldRefusal: Hashable, Sendable {
    /// The member's name in the contract: `user_id`, `amount`, `description`.
    package let field: String
    /// What is wrong with it.
    package let message: String

    /// - Parameters: as the properties.
    package init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}
