import SharedKernel
import Testing

@Suite struct PublicationTests {
    @Test func `what is known survives the headers, each half by itself`() throws {
        let instance = try #require(InstanceName("shop1:4711"))
        let moment = Timestamp(microseconds: 1_795_000_000_123_456)
        for publication in [
            .unknown, Publication(instance: instance, moment: moment),
            Publication(instance: instance, moment: nil),
            Publication(instance: nil, moment: moment),
        ] {
            #expect(Publication(headers: publication.headers) == publication)
        }
        let headers = Publication(instance: instance, moment: moment).headers
        #expect(
            headers == [
                "published-by": "shop1:4711", "published-at": "2026-11-18T11:06:40.123456Z",
            ])
    }

    /// Whoever sent the message wrote them: they are believed within bounds, or not at all.
    @Test(
        arguments: [
            "", " ", "a b", "a\u{1B}[2J", "a\nb", "é", "a\u{0}", String(repeating: "x", count: 65),
        ])
    func `a name that no publisher writes is as good as none`(text: String) {
        #expect(InstanceName(text) == nil)
        #expect(Publication(headers: ["published-by": text]) == .unknown)
    }

    @Test(
        arguments: [
            "", "now", "2026-11-22", "1969-12-31T23:59:59.999999Z", "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-00:01", "1795000000",
            "2026-11-22T12:34:56.789012Z\u{0}",
            "2026-11-22T12:34:56Z" + String(repeating: " ", count: 99_999),
        ])
    func `a time that no publisher writes is as good as none`(text: String) {
        #expect(Publication(headers: ["published-at": text]) == .unknown)
    }

    @Test func `times are read to the ends of what a database takes`() {
        for text in ["1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"] {
            #expect(Publication(headers: ["published-at": text]).moment != nil, "\(text)")
        }
    }

    @Test func `a process is named by its host and its number, whatever the host is called`() {
        #expect(InstanceName(host: "shop1", process: 4_711).description == "shop1:4711")
        #expect(InstanceName(host: "a b\nü", process: 1).description == "a-b---:1")
        let long = InstanceName(host: String(repeating: "h", count: 253), process: 4_194_304)
        #expect(long.description.utf8.count == InstanceName.limit)
        #expect(long.description.hasSuffix("h:4194304"))
        #expect(InstanceName(long.description) == long)
    }
}
