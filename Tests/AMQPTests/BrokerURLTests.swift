import AMQP
import Testing

struct BrokerURLTests {
    @Test func `every part is read and unescaped`() throws {
        let url = try BrokerURL("amqp://shop%40home:p%3Ass@broker.example:5673/orders%2Fone")
        #expect(url.user == "shop@home")
        #expect(url.host == "broker.example")
        #expect(url.port == 5673)
        #expect(url.virtualHost == "orders/one")
    }

    @Test(arguments: ["amqp://localhost", "amqp://localhost/", "amqp://guest:guest@localhost/"])
    func `what is left out is the default`(text: String) throws {
        let url = try BrokerURL(text)
        #expect(url.user == "guest")
        #expect(url.port == 5672)
        #expect(url.virtualHost == "/")
    }

    @Test(arguments: [
        "", "localhost", "http://localhost", "amqp://h:port/", "amqp://h:99999/", "amqp://a/b/c",
        "amqp://user:%zz@h/",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: AMQPError.self) { try BrokerURL(text) }
    }

    @Test func `a NUL is refused before C cuts the text at it`() {
        #expect(throws: AMQPError.self) { try BrokerURL("amqp://h/orders\u{0}x") }
    }

    @Test func `amqps has a port of its own, and somebody who vouches for the broker`() throws {
        let url = try BrokerURL("amqps://u:secret@h/", certificateAuthority: "/ca.pem")
        #expect(url.port == 5671)
        #expect(url.certificateAuthority == "/ca.pem")
        #expect(try BrokerURL("amqps://h/").certificateAuthority == BrokerURL.commonAuthorities)
        #expect(
            try BrokerURL("amqp://h/", certificateAuthority: "/ca.pem").certificateAuthority == nil)
    }

    @Test func `no way of printing shows the password`() throws {
        let url = try BrokerURL("amqp://shop:s3cret@localhost/v")
        var dumped = ""
        dump(url, to: &dumped)
        for text in ["\(url)", String(reflecting: url), dumped, "\([url])"] {
            #expect(!text.contains("s3cret"), "\(text)")
        }
        let refused = #expect(throws: AMQPError.self) {
            try BrokerURL("amqp://shop:s3cret@localhost:port/v")
        }
        #expect(refused?.description.contains("s3cret") == false)
    }
}
