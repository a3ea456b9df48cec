import SharedKernel
import Testing

/// Both ends of every forbidden range.
private let forbiddenCodes: [UInt32] = [
    0x00, 0x09, 0x0A, 0x1F, 0x7F, 0x80, 0x85, 0x9F, 0x061C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066,
    0x2069,
]

/// The neighbours of those ranges, and what people do write.
private let allowedCodes: [UInt32] = [
    0x20, 0x21, 0x7E, 0xA0, 0xE9, 0x061B, 0x061D, 0x200D, 0x2010, 0x2028, 0x2029, 0x202F, 0x2065,
    0x206A, 0x20AC, 0xFEFF, 0x1F600, 0x10FFFF,
]

private func text(with code: UInt32) throws -> String {
    let scalar = try #require(Unicode.Scalar(code))
    return "a\(Character(scalar))b"
}

@Suite struct UserIDTests {
    @Test func `a name has 1 to 128 bytes, not characters`() throws {
        #expect(throws: UserID.ParseError.empty) { try UserID("") }
        #expect(try UserID("a").text == "a")
        #expect(try UserID(String(repeating: "a", count: 128)).text.utf8.count == 128)
        #expect(try UserID(String(repeating: "€", count: 42) + "ab").text.utf8.count == 128)
        #expect(throws: UserID.ParseError.tooLong) {
            try UserID(String(repeating: "a", count: 129))
        }
        #expect(throws: UserID.ParseError.tooLong) { try UserID(String(repeating: "€", count: 43)) }
    }

    @Test(arguments: forbiddenCodes)
    func `a control or bidi character is refused`(code: UInt32) throws {
        let text = try text(with: code)
        #expect(throws: UserID.ParseError.forbiddenCharacter) { try UserID(text) }
    }

    @Test(arguments: allowedCodes)
    func `any other character is taken as it is`(code: UInt32) throws {
        let text = try text(with: code)
        #expect(try UserID(text).text == text)
    }

    @Test func `names are the same when their bytes are`() throws {
        let composed = try UserID("\u{E9}")
        let decomposed = try UserID("e\u{301}")
        #expect(composed.text == decomposed.text, "Swift holds them for the same")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, try UserID("\u{E9}")]).count == 2)
    }

    @Test func `names are ordered by their bytes, as PostgreSQL's C collation does`() throws {
        let names = try ["B", "a", "a ", "aa", "e\u{301}", "z", "\u{E9}", "\u{FFFD}", "\u{1F600}"]
            .map { try UserID($0) }
        var random = SeededGenerator(seed: 3)
        #expect(names.shuffled(using: &random).sorted() == names)
        #expect(!(names[0] < names[0]))
    }
}

@Suite struct OrderDescriptionTests {
    @Test func `a description has 0 to 1,000 characters, not bytes`() throws {
        #expect(try OrderDescription("").text.isEmpty)
        #expect(try OrderDescription(String(repeating: "€", count: 1_000)).text.utf8.count == 3_000)
        #expect(throws: OrderDescription.ParseError.tooLong) {
            try OrderDescription(String(repeating: "a", count: 1_001))
        }
        #expect(throws: OrderDescription.ParseError.tooLong, "scalars count, not graphemes") {
            try OrderDescription(String(repeating: "e\u{301}", count: 501))
        }
    }

    @Test(arguments: forbiddenCodes)
    func `a control or bidi character is refused`(code: UInt32) throws {
        let text = try text(with: code)
        #expect(throws: OrderDescription.ParseError.forbiddenCharacter) {
            try OrderDescription(text)
        }
    }

    @Test(arguments: allowedCodes)
    func `any other character is taken as it is`(code: UInt32) throws {
        let text = try text(with: code)
        #expect(try OrderDescription(text).text == text)
    }

    @Test func `descriptions are the same when their bytes are`() throws {
        let texts = try ["\u{E9}", "e\u{301}", "\u{E9}"].map { try OrderDescription($0) }
        #expect(texts[0] != texts[1])
        #expect(texts[0] == texts[2])
        #expect(Set(texts).count == 2)
    }
}
