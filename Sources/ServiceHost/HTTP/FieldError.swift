package import JSON

/// One wrong member of a request, in the shape and words that FastAPI's clients know.
package struct FieldError: Error, Equatable, Sendable {
    /// Pydantic's name of the rule, such as `greater_than`.
    package let type: String
    /// Where the member is: `["body", "amount"]`.
    package let loc: [JSONValue]
    /// The rule in words.
    package let msg: String
    /// What was given.
    package let input: JSONValue
    /// The rule's bounds, where it has some.
    package let ctx: JSONValue?

    /// - Parameters: as the properties.
    package init(
        type: String, loc: [JSONValue], msg: String, input: JSONValue, ctx: JSONValue? = nil
    ) {
        self.type = type
        self.loc = loc
        self.msg = msg
        self.input = input
        self.ctx = ctx
    }

    /// `{type, loc, msg, input, ctx?}`.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string(type)), .init("loc", .array(loc)), .init("msg", .string(msg)),
            .init("input", input),
        ]
        if let ctx { members.append(.init("ctx", ctx)) }
        return .object(members)
    }
}
