import Hummingbird
import HTTPTypes
import JSON
import ServiceHost
import SharedKernel
import Testing

/// What a reader found wrong with one member, without the parts that every error has.
struct Wrong: Equatable, CustomTestStringConvertible {
    let type: String
    let msg: String
    var ctx: JSONValue?

    var testDescription: String { type }

    init(_ type: String, _ msg: String, ctx: JSONValue? = nil) {
        self.type = type
        self.msg = msg
        self.ctx = ctx
    }

    init(_ error: JSONValue) {
        type = error["type"]?.string ?? ""
        msg = error["msg"]?.string ?? ""
        ctx = error["ctx"]
    }
}

/// The errors of the 422 that reading throws; nil where it succeeds.
func errors(reading fields: RequestFields, _ take: (inout RequestFields) -> Void) -> [JSONValue]? {
    var fields = fields
    take(&fields)
    do throws(HTTPFault) {
        try fields.validated()
        return nil
    } catch {
        #expect(error.status == .unprocessableContent)
        return error.detail.array
    }
}

func query(_ text: String) -> RequestFields {
    let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/x?\(text)")
    return RequestFields(query: Request(head: head, body: RequestBody(buffer: ByteBuffer())))
}

@Suite struct RequestFieldsTests {
    private static let isDecimal = Wrong(
        "decimal_type", "Decimal input should be an integer, float, string or Decimal object")
    private static let parsing = Wrong("decimal_parsing", "Input should be a valid decimal")
    private static let greater = Wrong(
        "greater_than", "Input should be greater than 0", ctx: ["gt": .number("0")])
    private static let atMost = Wrong(
        "less_than_equal", "Input should be less than or equal to 9999999999.99",
        ctx: ["le": .number("9999999999.99")])
    private static let places = Wrong(
        "decimal_max_places", "Decimal input should have no more than 2 decimal places",
        ctx: ["decimal_places": .number("2")])

    @Test(
        arguments: [
            (.number("0"), greater), (.number("-1"), greater), (.number("-0.001"), greater),
            (.number("1.001"), places), (.number("1e400"), atMost),
            (.number("10000000000"), atMost), (.string("abc"), parsing), (.string("NaN"), parsing),
            (.string(""), parsing), (.boolean(true), isDecimal), (.null, isDecimal),
            (.array([]), isDecimal), (.object([]), isDecimal),
        ] as [(JSONValue, Wrong)])
    func `an amount outside its rules is refused in FastAPI's words`(
        _ input: JSONValue, _ expected: Wrong
    ) throws {
        let found = try #require(
            errors(reading: .init(body: ["amount": input])) { _ = $0.amount("amount") })
        #expect(found.map(Wrong.init) == [expected])
        #expect(found.first?["loc"] == ["body", "amount"])
        #expect(found.first?["input"] == input)
    }

    @Test(
        arguments: [
            (.number("0.01"), "0.01"), (.number("9999999999.99"), "9999999999.99"),
            (.string("42.50"), "42.50"), (.number("4.25e1"), "42.50"),
        ] as [(JSONValue, String)])
    func `an amount within its rules is read exactly`(_ input: JSONValue, _ text: String) throws {
        let amount = try RequestFields.read(.init(body: ["amount": input])) { $0.amount("amount") }
        #expect(amount.description == text)
    }

    private static let string = Wrong("string_type", "Input should be a valid string")
    private static let forbidden = Wrong(
        "value_error", "Value error, control and bidirectional characters are not allowed",
        ctx: ["error": "control and bidirectional characters are not allowed"])

    @Test(
        arguments: [
            (.null, string), (.number("1"), string), (.array([]), string),
            (
                "",
                Wrong(
                    "string_too_short", "String should have at least 1 character",
                    ctx: ["min_length": .number("1")])
            ),
            (
                .string(String(repeating: "ü", count: 65)),
                Wrong(
                    "string_too_long", "String should have at most 128 bytes",
                    ctx: ["max_length": .number("128")])
            ),
            ("a\u{0}b", forbidden), ("a\u{202E}b", forbidden),
        ] as [(JSONValue, Wrong)])
    func `a user id outside its rules is refused in FastAPI's words`(
        _ input: JSONValue, _ expected: Wrong
    ) throws {
        let found = try #require(
            errors(reading: .init(body: ["user_id": input])) { _ = $0.userID("user_id") })
        #expect(found.map(Wrong.init) == [expected])
    }

    @Test func `a description may be absent but not null, and has a bound in characters`() throws {
        let read = { (body: JSONValue) in
            errors(reading: .init(body: body)) { _ = $0.description("description") }?
                .map(Wrong.init)
        }
        #expect(read([:]) == nil)
        #expect(read(["description": ""]) == nil)
        #expect(read(["description": .string(String(repeating: "ü", count: 1_000))]) == nil)
        #expect(read(["description": .null]) == [Self.string])
        #expect(
            read(["description": .string(String(repeating: "x", count: 1_001))]) == [
                Wrong(
                    "string_too_long", "String should have at most 1000 characters",
                    ctx: ["max_length": .number("1000")])
            ])
        #expect(read(["description": "\u{7F}"]) == [Self.forbidden])
    }

    @Test func `every wrong member is told at once, a missing one with the body as its input`()
        throws
    {
        let body: JSONValue = ["amount": .number("0"), "description": .null]
        let found = try #require(
            errors(reading: .init(body: body)) {
                _ = $0.userID("user_id")
                _ = $0.amount("amount")
                _ = $0.description("description")
            })
        #expect(found.map { $0["type"]?.string } == ["missing", "greater_than", "string_type"])
        #expect(found.first?["msg"] == "Field required")
        #expect(found.first?["input"] == body)
    }

    @Test(arguments: [.array([]), "text", .number("1"), .boolean(true)] as [JSONValue])
    func `a body that is no object is one error`(_ body: JSONValue) throws {
        let found = try #require(
            errors(reading: .init(body: body)) {
                _ = $0.userID("user_id")
                _ = $0.amount("amount")
            })
        #expect(
            found.map(Wrong.init) == [
                Wrong(
                    "model_attributes_type",
                    "Input should be a valid dictionary or object to extract fields from")
            ])
        #expect(found.first?["loc"] == ["body"])
    }

    @Test func `an absent body is a missing one`() throws {
        let found = try #require(errors(reading: .init(body: .null)) { _ = $0.userID("user_id") })
        #expect(found.map(Wrong.init) == [Wrong("missing", "Field required")])
        #expect(found.first?["loc"] == ["body"])
    }

    @Test(arguments: [
        ("limit=0", "greater_than_equal"), ("limit=-5", "greater_than_equal"),
        ("limit=1001", "less_than_equal"), ("limit=ten", "int_parsing"), ("limit=", "int_parsing"),
        ("limit=1.0", "int_parsing"),
    ])
    func `a limit outside 1 to 1,000 is refused`(_ text: String, _ type: String) throws {
        let found = try #require(errors(reading: query(text)) { _ = $0.limit() })
        #expect(found.map { $0["type"]?.string } == [type])
        #expect(found.first?["loc"] == ["query", "limit"])
    }

    @Test func `a limit is 100 unless the query says otherwise`() {
        var none = query("")
        var some = query("limit=7&limit=1000")
        #expect(none.limit() == 100)
        #expect(some.limit() == 1_000)
    }

    @Test func `a query's user id is decoded, plus as a space, and its bytes must be UTF-8`() throws
    {
        let read = { (text: String) in
            try RequestFields.read(query(text)) { $0.userID("user_id") }.text
        }
        #expect(try read("user_id=a%2Fb+c%25&x") == "a/b c%")
        let found = try #require(
            errors(reading: query("user_id=%FF")) { _ = $0.userID("user_id") })
        #expect(found.map { $0["type"]?.string } == ["string_unicode"])
        #expect(errors(reading: query("other=%FF")) { _ = $0.optionalUserID("user_id") } != nil)
        #expect(
            errors(reading: query("user_id=%00")) { _ = $0.userID("user_id") }?.map(Wrong.init)
                == [Self.forbidden])
    }

    @Test func `a word outside its set is refused with the set`() throws {
        let words = ["PENDING", "PAID", "FAILED"]
        let read = { (text: String) in
            errors(reading: query(text)) { _ = $0.optionalWord("status", of: words) }
        }
        #expect(read("") == nil)
        #expect(read("status=PAID") == nil)
        let found = try #require(read("status=paid"))
        #expect(
            found.first?["msg"] == "Input should be 'PENDING', 'PAID' or 'FAILED'")
    }

    @Test func `the 422 has the shape of FastAPI's`() {
        let error = FieldError(
            type: "greater_than", loc: ["body", "amount"], msg: "Input should be greater than 0",
            input: .number("0"), ctx: ["gt": .number("0")])
        #expect(
            error.json.text
                == #"{"type":"greater_than","loc":["body","amount"],"#
                + #""msg":"Input should be greater than 0","input":0,"ctx":{"gt":0}}"#)
        #expect(
            HTTPFault.invalid([error]).detail == .array([error.json]))
    }
}
