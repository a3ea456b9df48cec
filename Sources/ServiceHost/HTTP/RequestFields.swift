package import Hummingbird
package import JSON
package import SharedKernel

/// Reads the members of a request into the types, collecting every error before one 422 tells them
/// all.
///
/// The words and the shape are FastAPI's, which the contract's callers parse.
package struct RequestFields {
    /// A rule's failure, before it is known where it happened.
    struct Rule {
        let type: String
        let msg: String
        var ctx: JSONValue?
    }

    private let place: String
    private let member: (String) -> JSONValue?
    private let whole: JSONValue
    private let isReadable: Bool
    private var errors: [FieldError] = []

    /// Reads a body's members; a body that is no object is one error, whatever is read afterwards.
    package init(body: JSONValue) {
        place = "body"
        whole = body
        member = { body[$0] }
        switch body {
        case .object:
            isReadable = true
        case .null:
            isReadable = false
            errors = [.init(type: "missing", loc: ["body"], msg: "Field required", input: .null)]
        default:
            isReadable = false
            errors = [
                FieldError(
                    type: "model_attributes_type", loc: ["body"],
                    msg: "Input should be a valid dictionary or object to extract fields from",
                    input: body)
            ]
        }
    }

    /// Reads a request's query parameters; the last of several with one name counts.
    package init(query request: Request) {
        let parameters = QueryParameters(request.uri.query ?? "")
        place = "query"
        whole = .null
        isReadable = true
        member = { name in parameters[name].map { .string($0) } }
        errors = parameters.unreadable.map { name in
            FieldError(
                type: "string_unicode", loc: ["query", .string(name)],
                msg: "Input should be a valid string, unable to parse raw data as a unicode string",
                input: .null)
        }
    }

    /// Throws what was found wrong; afterwards every value that was read is there.
    ///
    /// - Throws: ``HTTPFault`` 422.
    package func validated() throws(HTTPFault) {
        guard errors.isEmpty else { throw .invalid(errors) }
    }

    /// Reads a request in one go: `take` reads every member first and gives nil where one is
    /// missing.
    ///
    /// - Throws: ``HTTPFault`` 422 with every error that `take` met.
    package static func read<Value>(
        _ fields: RequestFields, _ take: (inout RequestFields) -> Value?
    ) throws(HTTPFault) -> Value {
        var fields = fields
        let value = take(&fields)
        try fields.validated()
        guard let value else {
            throw HTTPFault(.internalServerError, "Internal Server Error")
        }
        return value
    }

    /// Whether the request has a member of this name, be it one that cannot be read.
    package func has(_ name: String) -> Bool {
        isReadable
            && (member(name) != nil
                || errors.contains { $0.loc == [.string(place), .string(name)] })
    }

    /// A required user id of 1 to 128 bytes.
    package mutating func userID(_ name: String) -> UserID? {
        required(name) { Self.userID($0) }
    }

    /// A user id that may be absent, as a filter is: nil then, and nil where it is wrong.
    package mutating func optionalUserID(_ name: String) -> UserID? {
        has(name) ? userID(name) : nil
    }

    /// A required amount: a JSON number or a numeric string, read from its decimal text.
    package mutating func amount(_ name: String) -> Amount? {
        required(name) { Self.amount($0) }
    }

    /// A description; absent means empty.
    package mutating func description(_ name: String) -> OrderDescription? {
        guard isReadable else { return nil }
        return required(name, default: "") { Self.description($0) }
    }

    /// How many rows a list may give, 1 to 1,000; absent means 100.
    package mutating func limit(_ name: String = "limit") -> Int {
        guard has(name) else { return 100 }
        return required(name) { Self.limit($0) } ?? 100
    }

    /// One word of a fixed set, such as an order's status; nil when absent or wrong.
    ///
    /// - Parameter words: at least one; the error lists them in this order.
    package mutating func optionalWord(_ name: String, of words: [String]) -> String? {
        guard has(name) else { return nil }
        return required(name) { value in
            guard let text = value.string, words.contains(text) else {
                return .failure(FieldRules.word(of: words))
            }
            return .success(text)
        }
    }

    /// Text without any rule but being a string, such as a paging cursor; nil when absent or no
    /// string.
    package mutating func optionalText(_ name: String) -> String? {
        guard has(name) else { return nil }
        return required(name) { value in
            value.string.map { .success($0) } ?? .failure(FieldRules.string)
        }
    }

    /// An order's id; nil when absent or wrong.
    package mutating func optionalOrderID(_ name: String) -> OrderID? {
        guard has(name) else { return nil }
        return required(name) { value in
            value.string.flatMap { OrderID($0) }.map { .success($0) } ?? .failure(FieldRules.uuid)
        }
    }

    /// A moment in RFC 3339; nil when absent or wrong.
    package mutating func optionalTimestamp(_ name: String) -> Timestamp? {
        guard has(name) else { return nil }
        return required(name) { value in
            value.string.flatMap { Timestamp(rfc3339: $0) }.map { .success($0) }
                ?? .failure(FieldRules.timestamp)
        }
    }

    /// Notes an error that the caller found, such as a cursor that cannot be read.
    package mutating func refuse(_ name: String, type: String, msg: String) {
        let input = member(name) ?? .null
        note(Rule(type: type, msg: msg), at: name, input: input)
    }

    /// What reading one member gives.
    enum Reading<Value> {
        case success(Value)
        case failure(Rule)
    }

    private mutating func required<Value>(
        _ name: String, default: JSONValue? = nil, _ read: (JSONValue) -> Reading<Value>
    ) -> Value? {
        guard isReadable else { return nil }
        guard let value = member(name) ?? `default` else {
            note(Rule(type: "missing", msg: "Field required"), at: name, input: whole)
            return nil
        }
        switch read(value) {
        case .success(let value): return value
        case .failure(let rule):
            note(rule, at: name, input: value)
            return nil
        }
    }

    private mutating func note(_ rule: Rule, at name: String, input: JSONValue) {
        let loc: [JSONValue] = [.string(place), .string(name)]
        guard !errors.contains(where: { $0.loc == loc }) else { return }
        errors.append(
            FieldError(type: rule.type, loc: loc, msg: rule.msg, input: input, ctx: rule.ctx))
    }
}
