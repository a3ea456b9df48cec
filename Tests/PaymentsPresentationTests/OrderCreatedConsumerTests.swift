import JSON
import Logging
import Messaging
import PaymentsApplication
import PaymentsDomain
import PaymentsPresentation
import SharedKernel
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OrderCreatedConsumerTests {
    private let outbox = InMemoryOutbox()
    private let accounts: InMemoryAccountRepository
    private let parking = InMemoryParking()
    private let broker = InMemoryBroker()
    private let source: InMemorySubscription

    init() {
        accounts = InMemoryAccountRepository(outbox: outbox)
        source = broker.subscription(to: "orders")
    }

    private func open(_ user: String, _ amount: String) async throws {
        _ = try await accounts.open(try UserID(user))
        _ = try await accounts.deposit(try Amount(decimal: amount), to: try UserID(user))
    }

    private func cents(of user: String) async throws -> Int64? {
        try await accounts.find(try UserID(user))?.balance.minorUnits
    }

    private func send(
        _ number: Int, _ amount: String = "1.00", message: Int? = nil,
        headers: [String: String] = [:], from sender: String? = "orders"
    ) throws {
        broker.send(
            Delivery(
                messageID: try message.map { try messageID($0) }, type: OrderCreated.type,
                body: try orderCreated(number, by: "ada", amount).json.encoded, headers: headers,
                sender: sender, queue: "orders"))
    }

    private func process() async throws {
        let consumer = OrderCreatedConsumer(
            source: source, parking: parking, publisher: TrustedPublisher(user: "orders"),
            chargeOrders: ChargeOrders(accounts: accounts),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await consumer.process(try await source.nextBatch(upTo: 256))
    }

    @Test(arguments: ["payments", nil])
    func `an order that Orders did not publish is parked, and nothing is charged`(
        sender: String?
    ) async throws {
        try await open("ada", "10.00")
        try send(1, message: 1, from: sender)
        try await process()
        #expect(try await cents(of: "ada") == 1_000)
        #expect(outbox.messages.isEmpty)
        let reason = try #require(parking.messages.first?.reason)
        #expect(reason.hasPrefix(sender == nil ? "unsigned" : "forged"))
    }

    @Test func `an order is charged, told and acknowledged`() async throws {
        try await open("ada", "10.00")
        try send(1, message: 1, headers: ["x-request-id": "r-1"])
        try await process()
        #expect(try await cents(of: "ada") == 900)
        #expect(outbox.messages.map(\.type) == [PaymentOutcome.successType])
        #expect(outbox.messages.map(\.headers) == [["x-request-id": "r-1"]])
        #expect(source.acknowledged.count == 1)
    }

    @Test func `fifty messages of one order, half with other ids, debit once`() async throws {
        try await open("ada", "100.00")
        for number in 0..<50 { try send(1, message: number % 2 == 0 ? 1_000 : number) }
        try await process()
        #expect(try await cents(of: "ada") == 9_900)
        #expect(outbox.messages.count == 1)
        #expect(parking.messages.isEmpty)
        #expect(source.acknowledged.count == 50)
    }

    @Test func `messages without ids debit once too`() async throws {
        try await open("ada", "100.00")
        for _ in 0..<3 { try send(1) }
        try await process()
        #expect(try await cents(of: "ada") == 9_900)
    }

    @Test func `a refusal is an outcome like another`() async throws {
        try await open("ada", "0.99")
        try send(1)
        try await process()
        #expect(try await cents(of: "ada") == 99)
        #expect(outbox.messages.map(\.type) == [PaymentOutcome.failureType])
        #expect(parking.messages.isEmpty)
    }

    @Test func `a contradiction is parked and changes nothing`() async throws {
        try await open("ada", "10.00")
        try send(1, message: 1)
        try send(1, "2.00", message: 2)
        try send(2, message: 1)
        try await process()
        #expect(try await cents(of: "ada") == 900)
        #expect(
            parking.messages.map(\.reason) == [
                "contradiction: order was decided for another user or amount",
                "contradiction: message id was used for another order",
            ])
        #expect(source.acknowledged.count == 3)
    }

    @Test(arguments: [
        "", "null", "{}", "{", #"{"order_id":"00000000-0000-7000-8000-000000000001"}"#,
        #"{"order_id":"00000000-0000-7000-8000-000000000001","user_id":"ada","amount":0}"#,
        #"{"order_id":"00000000-0000-7000-8000-000000000001","user_id":"ada","amount":1.001}"#,
        #"{"order_id":"00000000-0000-7000-8000-000000000001","user_id":"ada","amount":-5}"#,
        #"{"order_id":"00000000-0000-7000-8000-000000000001","user_id":"ada","amount":"1"}"#,
    ])
    func `poison is parked untouched and holds up nobody`(body: String) async throws {
        try await open("ada", "10.00")
        broker.send(
            Delivery(
                messageID: nil, type: nil, body: Array(body.utf8), sender: "orders",
                queue: "orders"))
        try send(2, message: 1)
        try await process()
        #expect(parking.messages.map(\.delivery.body) == [Array(body.utf8)])
        #expect(try await cents(of: "ada") == 900)
        #expect(source.acknowledged.count == 2)
    }

    @Test func `bytes that are no text are parked`() async throws {
        broker.send(
            Delivery(
                messageID: nil, type: nil, body: [0xFF, 0, 0xC3], sender: "orders",
                queue: "orders"))
        try await process()
        #expect(parking.messages.map(\.delivery.body) == [[0xFF, 0, 0xC3]])
    }
}
