import Messaging
import Testing

@Suite struct TrustedPublisherTests {
    private func delivery(from sender: String?) -> Delivery {
        Delivery(messageID: nil, type: nil, body: [], sender: sender, queue: "q")
    }

    @Test func `the trusted publisher alone is believed`() {
        let strict = TrustedPublisher(user: "payments")
        #expect(strict.objection(to: delivery(from: "payments")) == nil)
        #expect(
            strict.objection(to: delivery(from: "orders"))
                == "forged: published by 'orders', but only 'payments' may tell this")
        #expect(strict.objection(to: delivery(from: "Payments")) != nil)
        #expect(strict.objection(to: delivery(from: "")) != nil)
        #expect(strict.objection(to: delivery(from: nil))?.hasPrefix("unsigned: ") == true)
    }

    @Test func `the switch for older services lets in what names nobody, and nobody else`() {
        let lenient = TrustedPublisher(user: "payments", acceptsUnsigned: true)
        #expect(lenient.objection(to: delivery(from: nil)) == nil)
        #expect(lenient.objection(to: delivery(from: "payments")) == nil)
        #expect(lenient.objection(to: delivery(from: "orders")) != nil)
    }
}
