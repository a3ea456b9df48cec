/// Why a call of the gateway did not give what was asked for.
package struct CallFailure: Error, Hashable, Sendable {
    /// What went wrong, as far as it changes what to do next.
    package enum Kind: Hashable, Sendable {
        /// No connection: nothing was sent.
        case unreachable
        /// No whole answer before the deadline.
        case timedOut
        /// The connection broke before the answer was whole.
        case broken
        /// An answer that is not the contract's: some other server, a proxy's page, a fault.
        case nonsense
        /// A 4xx: the gateway understood, and says no.
        case refused
        /// A 5xx, or 429: the gateway or a service behind it is in trouble.
        case serverTrouble
    }

    /// One thing that is wrong with a request, as the gateway says it.
    package struct FieldFault: Hashable, Sendable {
        /// The field's name, such as `amount`; empty where the body as a whole is meant.
        package let field: String
        /// The gateway's words, fit for a terminal.
        package let message: String

        /// - Parameters: as the properties.
        package init(field: String, message: String) {
            self.field = field
            self.message = message
        }
    }

    package let kind: Kind
    /// One line without a full stop, fit for a terminal.
    package let message: String
    /// The operating system's words for why there is no connection; empty where it has none.
    package let cause: String
    /// The HTTP status, where an answer came.
    package let status: Int?
    /// What is wrong with each field; empty unless refused for its fields.
    package let fields: [FieldFault]
    /// How long the gateway asks to be left alone, in seconds, at most a day.
    package let retryAfter: Int?
    /// Whether the call may have been carried out all the same: a POST whose answer is missing.
    package let isOutcomeUnknown: Bool

    /// - Parameters: as the properties.
    package init(
        _ kind: Kind, _ message: String, cause: String = "", status: Int? = nil,
        fields: [FieldFault] = [],
        retryAfter: Int? = nil, isOutcomeUnknown: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.cause = cause
        self.status = status
        self.fields = fields
        self.retryAfter = retryAfter
        self.isOutcomeUnknown = isOutcomeUnknown
    }
}
