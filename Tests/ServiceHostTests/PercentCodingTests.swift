import ServiceHost
import Testing

@Suite struct PercentCodingTests {
    @Test(arguments: [
        ("a%2Fb", "a/b"), ("%41", "A"), ("a%2541", "a%41"), ("%C3%BC", "ü"), ("a+b", "a+b"),
        ("", ""),
    ])
    func `escapes are decoded once`(_ text: String, _ decoded: String) {
        #expect(PercentCoding.decode(text) == decoded)
    }

    @Test(arguments: ["%", "%4", "%zz", "%FF", "%C3", "%ED%A0%80"])
    func `a broken escape or broken UTF-8 decodes to nothing`(_ text: String) {
        #expect(PercentCoding.decode(text) == nil)
    }

    @Test(arguments: [
        ("a%2fb", "a%2Fb"), ("..", "%2E%2E"), ("%2e%2E", "%2E%2E"), (".", "%2E"),
        ("%61", "a"), ("a.b", "a.b"), ("a%25", "a%25"), ("%00", "%00"), ("%ff", "%FF"),
        ("a:b@c", "a%3Ab%40c"), ("ü", "%C3%BC"),
    ])
    func `a segment is written in one way, and never becomes another path`(
        _ segment: String, _ canonical: String
    ) {
        #expect(PercentCoding.canonicalSegment(segment) == canonical)
    }

    @Test func `a segment with a broken escape names nothing`() {
        #expect(PercentCoding.canonicalSegment("%zz") == nil)
    }

    @Test(arguments: [
        ("user_id=a%2Fb&x=1", "user_id=a%2Fb&x=1"), ("a=b c", "a=b%20c"), ("a=%zz", "a=%25zz"),
        ("a=\"|\"", "a=%22%7C%22"), ("a=ü", "a=%C3%BC"), ("a#b", "a%23b"), ("a=%4", "a=%254"),
    ])
    func `a query keeps what is valid and has the rest encoded`(
        _ query: String, _ canonical: String
    ) {
        #expect(PercentCoding.canonicalQuery(query) == canonical)
    }
}
