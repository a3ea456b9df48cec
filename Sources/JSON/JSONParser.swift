/// Why a text is no JSON, and at which byte.
package struct JSONSyntaxError: Error, Equatable, Sendable {
    /// Bytes before the place that could not be read.
    package let offset: Int
    /// A short phrase, such as "Expecting value".
    package let reason: String
}

extension JSONValue {
    /// Reads exactly one JSON value (RFC 8259) from UTF-8.
    ///
    /// - Parameters:
    ///   - bytes: the whole text; white space may surround the value.
    ///   - depthLimit: how deep arrays and objects may nest. The parser recurses, so the bound is
    ///     what keeps a hostile text from the end of the stack.
    /// - Throws: ``JSONSyntaxError`` for anything else, for invalid UTF-8, for lone surrogates and
    ///   for an object that has a name twice.
    package init(parsing bytes: [UInt8], depthLimit: Int = 16) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes: bytes, depthLimit: depthLimit)
        self = try parser.document()
    }
}

private struct JSONParser {
    let bytes: [UInt8]
    let depthLimit: Int
    var index = 0

    init(bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw failure("Extra data") }
        return value
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func failure(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset ?? index, reason: reason)
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            index += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"): return try number()
        case let byte? where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"):
            return try number()
        default: throw failure("Expecting value")
        }
    }

    private mutating func word(
        _ word: StaticString, _ value: JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[index...].starts(with: $0) }
        guard matches else { throw failure("Expecting value") }
        index += word.utf8CodeUnitCount
        return value
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= depthLimit else { throw failure("Nested too deeply") }
        index += 1
        var members: [JSONValue.Member] = []
        var names = Names()
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        // As many as an order has: nearly every object then takes one piece of memory.
        members.reserveCapacity(8)
        repeat {
            skipSpace()
            let start = index
            guard next == UInt8(ascii: "\"") else {
                throw failure("Expecting property name enclosed in double quotes")
            }
            let name = try string()
            guard names.insert(name, behind: members) else {
                throw failure("Duplicate property name", at: start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("Expecting ':' delimiter") }
            let value = try value(depth: depth)
            members.append(JSONValue.Member(name, value))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("Expecting ',' delimiter") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= depthLimit else { throw failure("Nested too deeply") }
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            let element = try value(depth: depth)
            elements.append(element)
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("Expecting ',' delimiter") }
        return .array(elements)
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        return .number(ascii(start..<index))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = index
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw failure("Expecting digit") }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        index += 1
        let start = index
        var decoded: [UInt8] = []
        var copied = index
        var seen: UInt8 = 0
        while true {
            guard let byte = next else {
                throw failure("Unterminated string starting at", at: start - 1)
            }
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw failure("Invalid control character at") }
            seen |= byte
            if byte == UInt8(ascii: "\\") {
                decoded += bytes[copied..<index]
                index += 1
                try escape(into: &decoded)
                copied = index
            } else {
                index += 1
            }
        }
        let end = index
        index += 1
        // Nearly every string stands in the text as it is, and in ASCII, which is valid.
        if copied == start, seen < 0x80 { return ascii(start..<end) }
        let text = String(validating: decoded + bytes[copied..<end], as: UTF8.self)
        guard let text else {
            throw failure("Invalid UTF-8 in string starting at", at: start - 1)
        }
        return text
    }

    /// A piece of the text that was seen to be ASCII.
    private func ascii(_ range: Range<Int>) -> String {
        bytes.withUnsafeBufferPointer { bytes in
            String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        }
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONSyntaxError) {
        guard let byte = next else { throw failure("Invalid \\escape") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(byte)
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"): decoded += try unicodeEscape()
        default: throw failure("Invalid \\escape", at: index - 1)
        }
    }

    /// In the errors XXXX stands for the escape's four digits, as in RFC 8259, section 7.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> [UInt8] {
        let start = index
        var code = UInt32(try hexQuad())
        if UTF16.isLeadSurrogate(UInt16(code)), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
            let trail = try hexQuad()
            guard UTF16.isTrailSurrogate(trail) else {
                throw failure("Lone surrogate in \\uXXXX escape", at: start)
            }
            code = 0x10000 + (code - 0xD800) << 10 + (UInt32(trail) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw failure("Lone surrogate in \\uXXXX escape", at: start)
        }
        return Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private mutating func hexQuad() throws(JSONSyntaxError) -> UInt16 {
        guard index + 4 <= bytes.count,
            bytes[index..<index + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw failure("Invalid \\uXXXX escape") }
        index += 4
        return code
    }
}

/// The names that an object has had so far, compared byte by byte.
private struct Names {
    /// Kept from ``few`` names on: below, looking at each is faster, above it would be quadratic.
    private var many: Set<[UInt8]> = []

    private static let few = 16

    /// Takes a name in; false where it was there before.
    ///
    /// - Parameter members: what the object has so far.
    mutating func insert(_ name: String, behind members: [JSONValue.Member]) -> Bool {
        guard members.count >= Self.few else { return !members.contains { $0.isNamed(name) } }
        if many.isEmpty { many = Set(members.map { Array($0.name.utf8) }) }
        return many.insert(Array(name.utf8)).inserted
    }
}
