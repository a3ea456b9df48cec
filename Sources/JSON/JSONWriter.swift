extension JSONValue {
    /// The value as compact JSON in UTF-8.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encodedLength)
        write(to: &bytes)
        return bytes
    }

    /// The value as compact JSON text.
    package var text: String { String(decoding: encoded, as: UTF8.self) }

    /// Appends the value as compact JSON in UTF-8.
    package func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .boolean(let value): bytes += (value ? "true" : "false").utf8
        case .number(let digits): bytes += digits.utf8
        case .string(let text): Self.write(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for position in elements.indices {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                elements[position].write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for position in members.indices {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(members[position].name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                members[position].value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Bytes that the value takes where no text needs an escape.
    private var encodedLength: Int {
        switch self {
        case .null: 4
        case .boolean(let value): value ? 4 : 5
        case .number(let digits): digits.utf8.count
        case .string(let text): text.utf8.count + 2
        case .array(let elements):
            elements.reduce(2) { $0 + $1.encodedLength } + max(0, elements.count - 1)
        case .object(let members):
            members.reduce(2) { $0 + $1.name.utf8.count + 3 + $1.value.encodedLength }
                + max(0, members.count - 1)
        }
    }

    /// Appends a quoted string; every C0 and C1 control and DEL is escaped, so that no text can
    /// steer a terminal that shows it.
    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        // Nearly every text is this plain, and needs no look at its scalars.
        var text = text
        let isWritten = text.withUTF8 { utf8 in
            guard utf8.allSatisfy(isPlain) else { return false }
            bytes.append(contentsOf: utf8)
            return true
        }
        guard !isWritten else { return }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes += "\\\"".utf8
            case "\\": bytes += "\\\\".utf8
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let code = String(scalar.value, radix: 16)
                bytes += "\\u".utf8
                bytes += repeatElement(UInt8(ascii: "0"), count: 4 - code.utf8.count)
                bytes += code.utf8
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }

    /// Printable ASCII but for the quotation mark and the backslash.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E) ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
