/// Percent-encoding (RFC 3986, section 2.1), strict: a text that is not UTF-8 after decoding is
/// none.
package enum PercentCoding {
    /// Decodes every `%XX` once; nil for a broken escape or where the bytes are no UTF-8.
    ///
    /// - Parameter plusIsSpace: whether `+` means a space, as in query strings.
    package static func decode(
        _ text: some StringProtocol, plusIsSpace: Bool = false
    ) -> String? {
        bytes(of: text, plusIsSpace: plusIsSpace).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The one way to write a path segment that was given percent-encoded; nil for a broken escape.
    ///
    /// What is inside stays inside: `%2F` and `%00` stay encoded, and `..` becomes `%2E%2E`.
    package static func canonicalSegment(_ segment: some StringProtocol) -> String? {
        bytes(of: segment, plusIsSpace: false).map { encode($0) }
    }

    /// A query string with every byte that no query may have encoded, and everything else as it was
    /// given.
    package static func canonicalQuery(_ query: some StringProtocol) -> String {
        var encoded = ""
        let bytes = Array(query.utf8)
        for (index, byte) in bytes.enumerated() {
            let isEscape =
                byte == UInt8(ascii: "%") && index + 2 < bytes.count
                && hexDigit(bytes[index + 1]) != nil && hexDigit(bytes[index + 2]) != nil
            if isEscape || isUnreserved(byte) || "!$&'()*+,;=:@/?".utf8.contains(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                append(byte, to: &encoded)
            }
        }
        return encoded
    }

    /// Encodes all but the unreserved characters, so that the text stays one path segment or one
    /// query value.
    ///
    /// `.` and `..` are encoded too: sent bare, they would be steps in a path.
    package static func encode(_ text: String) -> String { encode(Array(text.utf8)) }

    private static func encode(_ bytes: [UInt8]) -> String {
        let isStep = bytes == Array(".".utf8) || bytes == Array("..".utf8)
        var encoded = ""
        for byte in bytes {
            if isUnreserved(byte), !isStep {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                append(byte, to: &encoded)
            }
        }
        return encoded
    }

    private static func bytes(of text: some StringProtocol, plusIsSpace: Bool) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexDigit),
                    let low = rest.next().flatMap(hexDigit)
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func append(_ byte: UInt8, to encoded: inout String) {
        let hex = String(byte, radix: 16, uppercase: true)
        encoded += byte < 16 ? "%0\(hex)" : "%\(hex)"
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
