import SharedKernel
import Synchronization
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "01234567-89ab-7cde-8f01-23456789abcd", "FEDCBA98-7654-4321-8FED-CBA987654321",
    ])
    func `a UUID's text is read in either case and printed in lower case`(text: String) throws {
        #expect(try #require(OrderID(text)).description == text.lowercased())
        #expect(try #require(MessageID(text)).description == text.lowercased())
        #expect(OrderID(text) == OrderID(text.lowercased()))
    }

    @Test(arguments: [
        "", "abc", "0123456789ab7cde8f0123456789abcd", "01234567-89ab-7cde-8f01-23456789abc",
        "01234567-89ab-7cde-8f01-23456789abcde", "{01234567-89ab-7cde-8f01-23456789abcd}",
        "01234567-89ab-7cde-8f01-23456789abcg", "01234567x89ab-7cde-8f01-23456789abcd",
        "0123456-789ab-7cde-8f01-23456789abcd", "01234567-89ab-7cde-8f01-23456789ab\u{E9}",
        " 1234567-89ab-7cde-8f01-23456789abcd", "urn:uuid:01234567-89ab-7cde-8f01-23456789abcd",
        "-1234567-89ab-7cde-8f01-23456789abcd", "01234567-89ab-7cde-8f01-23456789ab\0\0",
    ])
    func `any other text is no id`(text: String) {
        #expect(OrderID(text) == nil)
        #expect(MessageID(text) == nil)
    }

    @Test func `ids are ordered as their texts are`() throws {
        var random = SeededGenerator(seed: 4)
        let heads = ["01234567-89ab-7cde", "01234567-89ab-7cdf", "f1234567-89ab-7cde"]
        let ids = try (0..<200).map { _ in
            let tail = String(Int64.random(in: 0..<1 << 48, using: &random), radix: 16)
            let zeros = String(repeating: "0", count: 12 - tail.count)
            let head = heads[Int.random(in: 0..<3, using: &random)]
            return try #require(OrderID("\(head)-8000-\(zeros)\(tail)"))
        }
        #expect(ids.sorted().map(\.description) == ids.map(\.description).sorted())
    }

    @Test func `the message that announces an order has the order's own id, every time`() throws {
        let order = try #require(OrderID("01234567-89ab-7cde-8f01-23456789abcd"))
        #expect(MessageID(announcing: order).description == order.description)
        #expect(MessageID(announcing: order) == MessageID(announcing: order))
    }
}

@Suite struct UUIDv7SourceTests {
    @Test func `an id names the moment that it was made at, to the millisecond`() throws {
        let made = Timestamp(microseconds: 1_795_350_896_789_999)
        let id = UUIDv7Source(now: { made }).nextOrderID()
        #expect(id.moment == Timestamp(microseconds: 1_795_350_896_789_000))
        #expect(try #require(OrderID("01234567-89ab-4cde-8f01-23456789abcd")).moment == nil)
    }

    @Test func `a bound in time parts the ids made before it from those made at it or later`() {
        let start: Int64 = 1_795_350_896_789_000
        for offset in [0, 1, 999, 1_000, 1_001] as [Int64] {
            let bound = Timestamp(microseconds: start + offset)
            let least = OrderID(notBefore: bound)
            for made in [-1_000, -1, 0, 1, 999, 1_000, 2_000] as [Int64] {
                let id = UUIDv7Source(now: { Timestamp(microseconds: start + made) }).nextOrderID()
                let isIn = id.moment.map { $0 >= bound }
                #expect((id >= least) == isIn, "made at \(made), bound at \(offset)")
            }
        }
    }

    @Test(arguments: [Int64.min, -62_135_596_800_000_000, -1, 0])
    func `no id is older than the oldest`(moment: Int64) {
        #expect(
            OrderID(notBefore: Timestamp(microseconds: moment)).description
                == "00000000-0000-0000-0000-000000000000")
    }

    @Test func `no id of our time is younger than the youngest`() {
        let least = OrderID(notBefore: Timestamp(microseconds: .max))
        #expect(least > UUIDv7Source().nextOrderID())
    }

    @Test func `an id says its millisecond, its version and its variant`() {
        let source = UUIDv7Source(now: { Timestamp(microseconds: 0x0123_4567_89AB * 1_000 + 999) })
        for _ in 0..<256 {
            let text = Array(source.nextOrderID().description)
            #expect(String(text[0..<13]) == "01234567-89ab")
            #expect(text[14] == "7")
            #expect("89ab".contains(text[19]))
        }
    }

    @Test func `ids ascend within a millisecond, past the counter's end`() {
        let source = UUIDv7Source(now: { Timestamp(microseconds: 1_700_000_000_000_000) })
        let ids = (0..<10_000).map { _ in source.nextOrderID() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy { Array($0.description)[14] == "7" })
        #expect(Set(ids.map { $0.description.prefix(13) }).count == 3, "4,096 ids to a millisecond")
    }

    @Test func `ids ascend while the clock runs backwards`() {
        let clock = Mutex<Int64>(1_700_000_000_000_000)
        let source = UUIDv7Source(
            now: {
                clock.withLock { time in
                    time -= 7_000
                    return Timestamp(microseconds: time)
                }
            })
        let ids = (0..<10_000).map { _ in source.nextMessageID() }
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `an id follows the clock again once it has caught up`() {
        let clock = Mutex<Int64>(5_000_000)
        let source = UUIDv7Source(now: { Timestamp(microseconds: clock.withLock { $0 }) })
        let first = source.nextOrderID()
        clock.withLock { $0 = 4_000_000 }
        let second = source.nextOrderID()
        clock.withLock { $0 = 6_000_000 }
        let third = source.nextOrderID()
        #expect(first < second && second < third)
        #expect(third.description.hasPrefix("00000000-1770-7000"), "6,000 ms, counter 0")
    }

    @Test func `a clock before 1970 still makes ids`() {
        let source = UUIDv7Source(now: { Timestamp(microseconds: -1) })
        #expect(source.nextOrderID() < source.nextOrderID())
    }

    @Test func `ids made side by side are all different`() async {
        let source = UUIDv7Source()
        let ids = await withTaskGroup(of: [OrderID].self) { group in
            for _ in 0..<8 { group.addTask { (0..<1_000).map { _ in source.nextOrderID() } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(ids).count == 8_000)
        #expect(Set(ids.map { $0.description.prefix(18) }).count == 8_000, "time and counter alone")
    }
}
