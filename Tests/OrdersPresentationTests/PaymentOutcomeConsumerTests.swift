import JSON
import Logging
import Messaging
import OrdersApplication
import OrdersDomain
import OrdersPresentation
import SharedKernel
import TestDoubles
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PaymentOutcomeConsumerTests {
    private let orders = InMemoryOrderRepository()
    private let parking = InMemoryParking()
    private let broker = InMemoryBroker()
    private let source: InMemorySubscription

    init() { source = broker.subscription(to: "outcomes") }

    private func place(_ number: Int) async throws {
        let request = OrderRequest(
            userID: try UserID("ada"), amount: try Amount(decimal: "1"),
            description: try OrderDescription("tea"))
        _ = try await orders.add(request, as: try orderID(number), correlation: .none)
    }

    private func send(
        _ number: Int, _ verdict: PaymentOutcome.Verdict, _ amount: String = "1",
        type: String? = nil, from sender: String? = "payments"
    ) throws {
        let outcome = PaymentOutcome(
            orderID: try orderID(number), userID: try UserID("ada"),
            amount: try Amount(decimal: amount), verdict: verdict)
        broker.send(
            Delivery(
                messageID: nil, type: type, body: outcome.json.encoded, sender: sender,
                queue: "outcomes"))
    }

    private func process(queueOf type: String = PaymentOutcome.successType) async throws {
        let consumer = PaymentOutcomeConsumer(
            type: type, source: source, parking: parking,
            publisher: TrustedPublisher(user: "payments"),
            settleOrders: SettleOrders(orders: orders),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await consumer.process(try await source.nextBatch(upTo: 256))
    }

    @Test(arguments: ["orders", nil])
    func `an outcome that Payments did not publish is parked, and the order stays pending`(
        sender: String?
    ) async throws {
        try await place(1)
        try send(1, .paid, from: sender)
        try await process()
        #expect(try await orders.find(try orderID(1))?.status == .pending)
        let reason = try #require(parking.messages.first?.reason)
        #expect(reason.hasPrefix(sender == nil ? "unsigned" : "forged"))
        #expect(source.acknowledged.count == 1)
    }

    @Test(arguments: [PaymentOutcome.successType, PaymentOutcome.failureType])
    func `a message without a type is of its queue's`(type: String) async throws {
        try await place(1)
        try send(1, .paid)
        try await process(queueOf: type)
        let isPaid = type == PaymentOutcome.successType
        #expect(try await orders.find(try orderID(1))?.status == (isPaid ? .paid : .failed))
        #expect(source.acknowledged.count == 1)
    }

    @Test func `a message's own type counts for more than its queue`() async throws {
        try await place(1)
        try send(1, .failed(.insufficientFunds), type: PaymentOutcome.failureType)
        try await process()
        #expect(try await orders.find(try orderID(1))?.failureReason == .insufficientFunds)
    }

    @Test func `a repeat is acknowledged and changes nothing`() async throws {
        try await place(1)
        for _ in 0..<3 { try send(1, .paid) }
        try await process()
        #expect(try await orders.history(of: try orderID(1)).count == 2)
        #expect(parking.messages.isEmpty)
        #expect(source.acknowledged.count == 3)
    }

    @Test func `a contradiction is parked and changes nothing`() async throws {
        try await place(1)
        try send(1, .paid)
        try send(1, .failed(.insufficientFunds), type: PaymentOutcome.failureType)
        try send(1, .paid, "2")
        try await process()
        #expect(try await orders.find(try orderID(1))?.status == .paid)
        #expect(
            parking.messages.map(\.reason) == [
                "contradiction: order is PAID already",
                "contradiction: user or amount differ from the order's",
            ])
        #expect(source.acknowledged.count == 3)
    }

    @Test func `an outcome of an unknown order is parked`() async throws {
        try send(9, .paid)
        try await process()
        #expect(parking.messages.map(\.reason) == ["order not found"])
        #expect(source.acknowledged.count == 1)
    }

    @Test(arguments: [
        ("", "body: no JSON"), ("[]", "body: no JSON object"), ("{}", "order_id"),
        (#"{"order_id":"7","user_id":"ada","amount":1}"#, "order_id: no UUID"),
        (
            #"{"order_id":"00000000-0000-7000-8000-000000000001","user_id":"","amount":1}"#,
            "user_id"
        ),
        (
            #"{"order_id":"00000000-0000-7000-8000-000000000001","user_id":"ada","amount":"1"}"#,
            "amount"
        ),
    ])
    func `poison is parked with its reason and holds up nobody`(
        body: String, reason: String
    ) async throws {
        try await place(1)
        broker.send(
            Delivery(
                messageID: nil, type: nil, body: Array(body.utf8), sender: "payments",
                queue: "outcomes"))
        try send(1, .paid)
        try await process()
        #expect(parking.messages.count == 1)
        #expect(parking.messages.first?.reason.hasPrefix(reason) == true)
        #expect(parking.messages.first?.delivery.body == Array(body.utf8))
        #expect(try await orders.find(try orderID(1))?.status == .paid)
        #expect(source.acknowledged.count == 2)
    }

    @Test func `an event of another kind is parked`() async throws {
        try await place(1)
        try send(1, .paid, type: "order_created")
        try await process()
        #expect(
            parking.messages.map(\.reason) == ["type: 'order_created' is no payment outcome"])
        #expect(try await orders.find(try orderID(1))?.status == .pending)
    }
}
