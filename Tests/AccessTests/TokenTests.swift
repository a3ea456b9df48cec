import Testing

@testable import Access

@Suite struct TokenTests {
    @Test func `a token is kassa_ and 43 characters of base64 for URLs`() {
        let token = Token(bytes: [UInt8](repeating: 0xFF, count: 32))
        #expect(token.text == "kassa_" + String(repeating: "_", count: 42) + "8")
        #expect(
            Token(bytes: Array(0..<32)).text == "kassa_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
    }

    @Test func `no two tokens are alike`() {
        #expect(Set((0..<1_000).map { _ in Token().text }).count == 1_000)
    }

    @Test func `what is kept is the SHA-256 of the token's text`() {
        // FIPS 180-4's example.
        #expect(
            TokenDigest(of: "abc").hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `a digest differs from another in any single bit`() throws {
        let zero = try #require(TokenDigest(hexadecimal: String(repeating: "0", count: 64)))
        #expect(zero.matches(zero))
        for position in 0..<64 {
            for digit in ["1", "2", "4", "8"] {
                var digits = Array(repeating: "0", count: 64)
                digits[position] = digit
                let other = try #require(TokenDigest(hexadecimal: digits.joined()))
                #expect(!zero.matches(other) && !other.matches(zero))
            }
        }
    }

    @Test(arguments: [
        "", "00", String(repeating: "0", count: 63), String(repeating: "g", count: 64),
    ])
    func `what is not 64 hexadecimal digits is no digest`(text: String) {
        #expect(TokenDigest(hexadecimal: text) == nil)
    }
}

@Suite struct TokenSetTests {
    private static let one = TokenDigest(of: "one").hexadecimal
    private static let two = TokenDigest(of: "two").hexadecimal

    @Test func `a token is found by what is kept of it, and any other is nobody's`() throws {
        let tokens = try TokenSet(
            parsing: """
                # who may come in
                alice operator \(Self.one)   # since Monday

                watch\tviewer\t\(Self.two.uppercased())
                """)
        #expect(tokens.caller(showing: "one") == Caller(name: "alice", role: .operator))
        #expect(tokens.caller(showing: "two") == Caller(name: "watch", role: .viewer))
        for other in ["", "on", "onee", "One", Self.one] {
            #expect(tokens.caller(showing: other) == nil)
        }
    }

    @Test func `a name may have two tokens while one takes the other's place`() throws {
        let tokens = try TokenSet(parsing: "a viewer \(Self.one)\na viewer \(Self.two)\n")
        #expect(tokens.caller(showing: "one") == tokens.caller(showing: "two"))
    }

    @Test func `an entry's line is read back`() throws {
        let entry = TokenSet.Entry(
            caller: Caller(name: "gate.way-1", role: .service), digest: TokenDigest(of: "x"))
        #expect(try TokenSet(parsing: entry.line).caller(showing: "x") == entry.caller)
    }

    @Test(
        arguments: [
            ("", "it holds no token"), ("# nothing\n\n", "it holds no token"),
            ("alice operator", "line 1: expected: name role sha256"),
            ("alice operator \(one) more", "line 1: expected: name role sha256"),
            (
                "\n-x viewer \(one)",
                "line 2: a name is 1 to 64 of A-Z a-z 0-9 . - _, first a letter or digit"
            ),
            ("a admin \(one)", "line 1: 'a' has no role: viewer, operator or service"),
            ("a viewer abc", "line 1: 'a' has no SHA-256: 64 hexadecimal digits"),
            ("a viewer \(one)\na operator \(two)", "line 2: 'a' has two roles"),
            ("a viewer \(one)\nb viewer \(one)", "line 2: the token of 'b' is there twice"),
        ])
    func `a broken file is refused with the line and the reason`(
        text: String, reason: String
    ) throws {
        let fault = try #require(throws: TokenSet.Fault.self) { try TokenSet(parsing: text) }
        #expect(fault.description == reason)
    }

    @Test func `roles ascend from viewer to service`() {
        #expect(Role.allCases == Role.allCases.sorted())
        #expect(Role.viewer < .operator && Role.operator < .service && !(Role.viewer < .viewer))
    }
}
