import Testing

@testable import AMQP

struct ContentAssemblerTests {
    private static let delivery = ContentAssembler.Method.delivery(
        tag: 1, isRedelivered: false, routingKey: "q")

    private static func fragment(
        _ bytes: [UInt8], into assembler: inout ContentAssembler
    ) throws -> ContentAssembler.Content? {
        try bytes.withUnsafeBytes { try assembler.fragment($0) }
    }

    @Test func `a body in pieces is whole only with its last piece`() throws {
        var assembler = ContentAssembler(bodyLimit: 1_000)
        try assembler.begin(Self.delivery)
        #expect(try assembler.header(.init(), size: 5) == nil)
        #expect(try Self.fragment([1, 2, 3], into: &assembler) == nil)
        let content = try Self.fragment([4, 5], into: &assembler)
        #expect(content?.body == [1, 2, 3, 4, 5])
        #expect(content?.method == Self.delivery)
    }

    @Test func `an empty body needs no piece, and the next message begins clean`() throws {
        var assembler = ContentAssembler(bodyLimit: 1_000)
        try assembler.begin(Self.delivery)
        #expect(try assembler.header(.init(), size: 0)?.body == [])
        try assembler.begin(Self.delivery)
        _ = try assembler.header(.init(), size: 1)
        #expect(try Self.fragment([9], into: &assembler)?.body == [9])
    }

    @Test func `a size beyond all memory sets nothing aside`() throws {
        var assembler = ContentAssembler(bodyLimit: 1_000)
        try assembler.begin(Self.delivery)
        #expect(try assembler.header(.init(), size: .max) == nil)
    }

    @Test func `frames out of their order are refused`() throws {
        var assembler = ContentAssembler(bodyLimit: 1_000)
        #expect(throws: ContentAssembler.Disorder.self) {
            try assembler.header(.init(), size: 1)
        }
        #expect(throws: ContentAssembler.Disorder.self) {
            try Self.fragment([1], into: &assembler)
        }
        try assembler.begin(Self.delivery)
        #expect(throws: ContentAssembler.Disorder.self) { try assembler.begin(Self.delivery) }
        _ = try assembler.header(.init(), size: 1)
        #expect(throws: ContentAssembler.Disorder.self) {
            try Self.fragment([1, 2], into: &assembler)
        }
    }

    @Test func `of a body beyond the limit the beginning, the length and the digest are kept`()
        throws
    {
        var assembler = ContentAssembler(bodyLimit: 4)
        try assembler.begin(Self.delivery)
        _ = try assembler.header(.init(), size: 6)
        #expect(try Self.fragment(Array("abc".utf8), into: &assembler) == nil)
        let content = try Self.fragment(Array("def".utf8), into: &assembler)
        #expect(content?.body == Array("abcd".utf8))
        #expect(content?.excess?.length == 6)
        let hex = content?.excess?.sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        #expect(
            hex?.joined() == "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721")
        // One that just fits is whole.
        try assembler.begin(Self.delivery)
        _ = try assembler.header(.init(), size: 4)
        let fitting = try Self.fragment(Array("abcd".utf8), into: &assembler)
        #expect(fitting?.body == Array("abcd".utf8))
        #expect(fitting?.excess == nil)
    }
}
