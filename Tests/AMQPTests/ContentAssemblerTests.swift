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
        var assembler = ContentAssembler()
        try assembler.begin(Self.delivery)
        #expect(try assembler.header(.init(), size: 5) == nil)
        #expect(try Self.fragment([1, 2, 3], into: &assembler) == nil)
        let content = try Self.fragment([4, 5], into: &assembler)
        #expect(content?.body == [1, 2, 3, 4, 5])
        #expect(content?.method == Self.delivery)
    }

    @Test func `an empty body needs no piece, and the next message begins clean`() throws {
        var assembler = ContentAssembler()
        try assembler.begin(Self.delivery)
        #expect(try assembler.header(.init(), size: 0)?.body == [])
        try assembler.begin(Self.delivery)
        _ = try assembler.header(.init(), size: 1)
        #expect(try Self.fragment([9], into: &assembler)?.body == [9])
    }

    @Test func `a size beyond all memory sets nothing aside`() throws {
        var assembler = ContentAssembler()
        try assembler.begin(Self.delivery)
        #expect(try assembler.header(.init(), size: .max) == nil)
    }

    @Test func `frames out of their order are refused`() throws {
        var assembler = ContentAssembler()
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
}
