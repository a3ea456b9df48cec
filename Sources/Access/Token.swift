import Crypto

/// A secret that its holder shows at the door: `kassa_` and 256 random bits, so that nobody can
/// guess it and a scanner for leaked secrets can find it.
package struct Token: Sendable {
    private static let prefix = "kassa_"
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The whole token, as it travels. Never to be logged.
    package let text: String

    /// Makes a new one from the system's generator.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(bytes: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// - Parameter bytes: 32 random ones.
    init(bytes: [UInt8]) {
        precondition(bytes.count == 32, "256 bits")
        text = Self.prefix + Self.base64(bytes)
    }

    /// Base64 for URLs, without padding (RFC 4648, section 5): 43 characters for 32 bytes.
    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(8 * (3 - group.count))
            for position in 0...group.count {
                text.append(alphabet[Int(bits >> UInt32(18 - 6 * position)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// What is kept of a token: its SHA-256. The token cannot be got back from it, and 256 random bits
/// need no slow hash.
package struct TokenDigest: Sendable {
    private let bytes: [UInt8]

    /// The digest of a token as it was shown, whatever it is.
    package init(of token: String) {
        var hash = SHA256()
        var token = token
        token.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        bytes = Array(hash.finalize())
    }

    /// Reads 64 hexadecimal digits; nil for anything else.
    package init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard text.utf8.count == 64, digits.count == 64 else { return nil }
        bytes = stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// 64 hexadecimal digits in lower case.
    package var hexadecimal: String {
        bytes.map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0\(digits)" : digits
        }.joined()
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    package func matches(_ other: TokenDigest) -> Bool {
        zip(bytes, other.bytes).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
