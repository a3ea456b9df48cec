import Access
import ServiceHost
import Testing

@Suite struct TokenBucketTests {
    private let start = ContinuousClock.now

    @Test func `a rested client has its burst, then its rate`() {
        var buckets = TokenBuckets<String>(rate: 10, burst: 3)
        for _ in 0..<3 { #expect(buckets.take("ann", at: start) == nil) }
        #expect(buckets.take("ann", at: start) == .milliseconds(100))
        #expect(buckets.take("ann", at: start + .milliseconds(99)) == .milliseconds(1))
        #expect(buckets.take("ann", at: start + .milliseconds(100)) == nil)
        #expect(buckets.take("ann", at: start + .milliseconds(100)) == .milliseconds(100))
    }

    @Test func `over a long time a client gets its rate and no more, however it asks`() {
        var buckets = TokenBuckets<String>(rate: 50, burst: 10)
        let admitted = (0..<10_000).count { step in
            buckets.take("ann", at: start + .milliseconds(step)) == nil
        }
        #expect((500...510).contains(admitted))
    }

    @Test func `one client's flood costs another nothing`() {
        var buckets = TokenBuckets<String>(rate: 1, burst: 1)
        for _ in 0..<100 { _ = buckets.take("ann", at: start) }
        #expect(buckets.take("bob", at: start) == nil)
    }

    @Test func `the table stays bounded, and whoever does not fit shares one bucket`() {
        var buckets = TokenBuckets<Int>(rate: 1, burst: 2, capacity: 100)
        let admitted = (0..<10_000).count { buckets.take($0, at: start) == nil }
        #expect(buckets.count == 100)
        #expect(admitted == 102)
        // Those who were first still have what is theirs.
        #expect(buckets.take(0, at: start) == nil)
        // When the buckets are full again there is room for others.
        let later = start + .seconds(10)
        #expect(buckets.take(9_999, at: later) == nil)
        #expect(buckets.take(9_999, at: later) == nil)
        #expect(buckets.count == 1)
    }

    @Test func `an IPv6 network is one client, an IPv4 address is one`() {
        #expect(ClientKey(peer: "ipv4:192.0.2.1:5000") == ClientKey(peer: "ipv4:192.0.2.1:6000"))
        #expect(ClientKey(peer: "ipv4:192.0.2.1:5000") != ClientKey(peer: "ipv4:192.0.2.2:5000"))
        #expect(
            ClientKey(peer: "ipv6:[2001:db8::1]:1") == ClientKey(peer: "ipv6:[2001:db8::ff:2]:1"))
        #expect(
            ClientKey(peer: "ipv6:[2001:db8::1]:1") != ClientKey(peer: "ipv6:[2001:db8:0:1::1]:1"))
        let ann = Caller(name: "ann", role: .viewer)
        #expect(ClientKey(ann) != ClientKey(Caller(name: "bob", role: .viewer)))
        #expect(ClientKey(ann) == ClientKey(Caller(name: "ann", role: .operator)))
        #expect(ClientKey(.anonymous) == nil)
    }
}
