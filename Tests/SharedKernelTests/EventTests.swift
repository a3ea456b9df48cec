import JSON
import SharedKernel
import Testing

private let orderText = "01234567-89ab-7cde-8f01-23456789abcd"

@Suite struct OrderCreatedTests {
    private let event: OrderCreated

    init() throws {
        event = try OrderCreated(
            orderID: #require(OrderID(orderText)), userID: UserID("ann"),
            amount: Amount(decimal: "42.50"), description: OrderDescription("two \"teas\""))
    }

    @Test func `an event survives its body`() throws {
        #expect(OrderCreated.type == "order_created")
        #expect(
            event.json.text == #"{"order_id":"\#(orderText)","user_id":"ann","amount":42.50,"#
                + #""description":"two \"teas\""}"#)
        #expect(try OrderCreated(payload: event.json.encoded) == event)
    }

    @Test func `the least and the greatest amount come back exact`() throws {
        for amount in [Amount.least, Amount.greatest] {
            let event = OrderCreated(
                orderID: event.orderID, userID: event.userID, amount: amount,
                description: event.description)
            #expect(try OrderCreated(payload: event.json.encoded) == event)
        }
    }

    @Test(arguments: ["42.5", "42.500000000000007", "42.49999999999999", "4.25e1"])
    func `an amount may come in binary fractions`(amount: String) throws {
        let body = event.json.replacing("amount", with: .number(amount))
        #expect(try OrderCreated(payload: body.encoded) == event)
    }

    @Test(arguments: ["version", "", "Amount", "ORDER_ID", "\u{E9}"])
    func `unknown members are ignored`(name: String) throws {
        let body = event.json.replacing(name, with: ["nested": [.null]])
        #expect(body[name] != nil)
        #expect(try OrderCreated(payload: body.encoded) == event)
    }

    @Test(arguments: [nil, JSONValue.null] as [JSONValue?])
    func `a missing description is empty`(value: JSONValue?) throws {
        let body = event.json.replacing("description", with: value)
        #expect(try OrderCreated(payload: body.encoded).description.text.isEmpty)
    }

    @Test(
        arguments: [
            ("order_id", nil), ("order_id", .null), ("order_id", "abc"), ("order_id", .integer(1)),
            ("user_id", nil), ("user_id", ""), ("user_id", .integer(7)), ("user_id", "a\u{202E}b"),
            ("amount", nil), ("amount", "42.50"), ("amount", .null), ("amount", .boolean(true)),
            ("amount", .integer(0)), ("amount", .integer(-1)), ("amount", .number("1.001")),
            ("amount", .number("1e400")), ("amount", .number("0.000000000001")),
            ("amount", .number("10000000000.000000001")), ("description", .integer(5)),
            ("description", []), ("description", "a\nb"),
        ] as [(String, JSONValue?)])
    func `each member is refused by name when it is wrong`(
        name: String, value: JSONValue?
    ) throws {
        let body = event.json.replacing(name, with: value)
        let refusal = #expect(throws: UnreadableEvent.self) {
            try OrderCreated(payload: body.encoded)
        }
        #expect(refusal?.description.hasPrefix("\(name): ") == true)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"x\"", "{\"amount\":NaN}", "{}x", "{\"a\":1,\"a\":1}",
    ])
    func `a body that is no JSON object is refused as such`(body: String) {
        let refusal = #expect(throws: UnreadableEvent.self) {
            try OrderCreated(payload: Array(body.utf8))
        }
        #expect(refusal?.description.hasPrefix("body: no JSON") == true)
    }
}

@Suite struct PaymentOutcomeTests {
    private static let verdicts: [PaymentOutcome.Verdict] = [
        .paid, .failed(.insufficientFunds), .failed(.accountNotFound), .failed(nil),
    ]

    private static func outcome(_ verdict: PaymentOutcome.Verdict) throws -> PaymentOutcome {
        try PaymentOutcome(
            orderID: #require(OrderID(orderText)), userID: UserID("ann"),
            amount: Amount(decimal: "0.01"), verdict: verdict)
    }

    @Test(arguments: verdicts)
    func `an outcome survives its body`(verdict: PaymentOutcome.Verdict) throws {
        let outcome = try Self.outcome(verdict)
        #expect(try PaymentOutcome(type: outcome.type, payload: outcome.json.encoded) == outcome)
    }

    @Test(
        arguments: zip(
            verdicts,
            [
                ("payment_success", ""), ("payment_failed", #","reason":"insufficient_funds""#),
                ("payment_failed", #","reason":"account_not_found""#), ("payment_failed", ""),
            ]))
    func `the wire has the contract's names`(
        verdict: PaymentOutcome.Verdict, wire: (type: String, end: String)
    ) throws {
        let outcome = try Self.outcome(verdict)
        #expect(outcome.type == wire.type)
        #expect(
            outcome.json.text
                == #"{"user_id":"ann","order_id":"\#(orderText)","amount":0.01\#(wire.end)}"#)
    }

    @Test(arguments: [nil, .null, "too_poor", .integer(1)] as [JSONValue?])
    func `a failure without a known reason is a failure all the same`(reason: JSONValue?) throws {
        let body = try Self.outcome(.failed(.insufficientFunds)).json
            .replacing("reason", with: reason)
        let read = try PaymentOutcome(type: "payment_failed", payload: body.encoded)
        #expect(read.verdict == .failed(nil))
    }

    @Test func `a reason does not turn a success into a failure`() throws {
        let body = try Self.outcome(.failed(.insufficientFunds)).json
        #expect(try PaymentOutcome(type: "payment_success", payload: body.encoded).verdict == .paid)
    }

    @Test(arguments: ["", "order_created", "PAYMENT_SUCCESS", "payment_success "])
    func `another type is no outcome`(type: String) throws {
        let body = try Self.outcome(.paid).json
        let refusal = #expect(throws: UnreadableEvent.self) {
            try PaymentOutcome(type: type, payload: body.encoded)
        }
        #expect(refusal?.description.hasPrefix("type: ") == true)
    }

    @Test(
        arguments: [
            ("order_id", nil), ("order_id", "no-uuid"), ("user_id", nil), ("user_id", ""),
            ("amount", nil), ("amount", "1"), ("amount", .integer(0)),
        ] as [(String, JSONValue?)])
    func `each member is refused by name when it is wrong`(
        name: String, value: JSONValue?
    ) throws {
        let body = try Self.outcome(.paid).json.replacing(name, with: value)
        let refusal = #expect(throws: UnreadableEvent.self) {
            try PaymentOutcome(type: "payment_success", payload: body.encoded)
        }
        #expect(refusal?.description.hasPrefix("\(name): ") == true)
    }
}

extension JSONValue {
    /// The object with one member replaced, or without it.
    fileprivate func replacing(_ name: String, with value: JSONValue?) -> JSONValue {
        guard case .object(var members) = self else { return self }
        let place = members.firstIndex { $0.name == name } ?? members.endIndex
        members.removeAll { $0.name == name }
        if let value { members.insert(Member(name, value), at: min(place, members.count)) }
        return .object(members)
    }
}
