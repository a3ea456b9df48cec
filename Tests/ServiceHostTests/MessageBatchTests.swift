import Access
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import ServiceHost
import SharedKernel
import Testing

@Suite(.timeLimit(.minutes(1))) struct MessageBatchTests {
    @Test func `what is written is read: fields, bodies with line ends, no body at all`() throws {
        let batch = MessageBatch([
            .init(
                headers: [.contentType: "application/json", .requestID: "a: b"],
                body: ByteBuffer(string: "{\n\n\"a\":1}\n")),
            .init(status: .created, body: ByteBuffer(string: "- 5\n")),
            .init(status: .tooManyRequests, headers: [.retryAfter: "1"]),
        ])
        let read = try MessageBatch(parsing: batch.encoded).messages
        #expect(read.map(\.status) == batch.messages.map(\.status))
        #expect(read.map(\.headers) == batch.messages.map(\.headers))
        #expect(read.map(\.body) == batch.messages.map(\.body))
        #expect(try MessageBatch(parsing: ByteBuffer()).messages.isEmpty)
        let loose = try MessageBatch(parsing: ByteBuffer(string: "- 1\na:\nb:  c: d\ne:f\n\nx"))
        #expect(loose.messages.first?.headers.map(\.value) == ["", "c: d", "f"])
    }

    @Test(arguments: [
        "x", "- 5\n\nabc", "- -1\n\n", "- 99999999999999999999\n\n", "99 0\n\n", "600 0\n\n",
        "201\n\n", "- 0\nno colon\n\n", "- 0\nb@d: 1\n\n", "- 0\na: b\n", "- 0 0\n\n",
        String(repeating: "- 0\n\n", count: MessageBatch.countLimit + 1),
        "- 0\na: \(String(repeating: "b", count: 16_384))",
    ])
    func `what is no batch is refused`(_ text: String) {
        #expect(throws: MessageBatch.Unreadable.self) {
            try MessageBatch(parsing: ByteBuffer(string: text))
        }
    }

    /// A door that says back what it was told, and by whom; `refuse` it does not like.
    private static func addRoutes(_ router: ServiceRouter) {
        router.post("/orders") { requests in
            requests.map { request in Result { try Self.answer(request) } }
        }
        router.post("/alone") { _, _ in JSONValue.null.response() }
    }

    private static func answer(_ request: BufferedRequest) throws -> BufferedResponse {
        let body = try readJSON(request)
        guard body["user_id"]?.string != "refuse" else { throw HTTPFault(.conflict, "refused") }
        let answer: JSONValue = [
            "said": body, "caller": .string(request.caller.name),
            "key": .string(request.headers[.idempotencyKey] ?? "none"),
            "id": .string(request.correlation.requestID ?? ""),
        ]
        return answer.bufferedResponse(.created, headers: [.location: "/orders/1"])
    }

    private static func request(_ body: String, _ fields: HTTPFields = [:]) -> MessageBatch.Message
    {
        MessageBatch.Message(headers: fields, body: ByteBuffer(string: body))
    }

    private static func post(
        _ batch: MessageBatch, to door: Door, _ target: String = "/orders/batch",
        _ fields: String...
    ) async throws -> Answer {
        let type = "Content-Type: \(MessageBatch.mediaType)"
        let body = String(buffer: batch.encoded)
        guard let field = fields.first else { return try await door.post(target, body, type) }
        return try await door.post(target, body, type, field)
    }

    @Test func `each request of a batch is answered as if it had come alone, in order`()
        async throws
    {
        try await Door.open(Self.addRoutes) { door in
            let answer = try await Self.post(
                MessageBatch([
                    Self.request(
                        #"{"user_id":"ada"}"#, [.idempotencyKey: "k1", .requestID: "r1"]),
                    Self.request("{"), Self.request(#"{"user_id":"refuse"}"#),
                    Self.request(#"{"user_id":"bob"}"#, [.contentType: "text/plain"]),
                ]), to: door)
            #expect(answer.status == 200)
            #expect(answer.fields["content-type"] == MessageBatch.mediaType)
            let messages = try MessageBatch(parsing: ByteBuffer(string: answer.body)).messages
            #expect(messages.map { $0.status?.code } == [201, 422, 409, 415])
            let first = try #require(messages.first)
            #expect(first.headers[.location] == "/orders/1")
            #expect(first.headers[.requestID] == "r1")
            #expect(
                String(buffer: first.body)
                    == #"{"said":{"user_id":"ada"},"caller":"anonymous","key":"k1","id":"r1"}"#)
            #expect(String(buffer: messages[2].body) == #"{"detail":"refused"}"#)
        }
    }

    @Test func `what cannot be read is 400, and a path that takes none does not know it`()
        async throws
    {
        try await Door.open(Self.addRoutes) { door in
            let type = "Content-Type: \(MessageBatch.mediaType)"
            let nonsense = try await door.post("/orders/batch", "nonsense", type)
            #expect(nonsense.status == 400)
            let long = String(repeating: "x", count: MessageBatch.byteLimit + 1)
            let tooLong = try await door.post("/orders/batch", long, type)
            #expect(tooLong.status == 413)
            let elsewhere = try await Self.post(MessageBatch([]), to: door, "/alone/batch")
            #expect(elsewhere.status == 404)
            let noBatch = try await door.post("/orders/batch", "{}")
            #expect(noBatch.status == 404)
        }
    }

    @Test func `each caller of a batch may do what he may, whoever brings it`() async throws {
        let (service, operatorToken) = (Token(), Token())
        let tokens = try TokenSet(
            parsing: """
                gateway service \(TokenDigest(of: service.text).hexadecimal)
                olga operator \(TokenDigest(of: operatorToken.text).hexadecimal)
                """)
        let batch = MessageBatch([
            Self.request("{}", [.kassaCaller: "ada", .kassaCallerRole: "operator"]),
            Self.request("{}", [.kassaCaller: "eve", .kassaCallerRole: "viewer"]),
            Self.request("{}", [.authorization: "Bearer \(operatorToken.text)"]),
        ])
        try await Door.open(access: AccessGuard(tokens: tokens), Self.addRoutes) { door in
            let answer = try await Self.post(
                batch, to: door, "/orders/batch", "Authorization: Bearer \(service.text)")
            let messages = try MessageBatch(parsing: ByteBuffer(string: answer.body)).messages
            #expect(messages.map { $0.status?.code } == [201, 403, 201])
            #expect(String(buffer: messages[0].body).contains(#""caller":"ada""#))
            // The token of the batch counts, never one inside it.
            #expect(String(buffer: messages[2].body).contains(#""caller":"gateway""#))
            let stranger = try await Self.post(batch, to: door)
            let refused = try MessageBatch(parsing: ByteBuffer(string: stranger.body)).messages
            #expect(refused.map { $0.status?.code } == [401, 401, 401])
        }
    }
}
