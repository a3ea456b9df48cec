/// A value that can be a statement's parameter.
///
/// `String`, `Int`, `Int64`, `Bool`, `[UInt8]` (a bytea), arrays of these (`unnest($1::text[])`),
/// and optionals of all of them. A uuid travels as its text, with a cast in the SQL.
package protocol PostgresEncodable: Sendable {
    /// The value in PostgreSQL's text format; nil is NULL.
    ///
    /// Throws `.invalidParameter` for text that holds a NUL, at which libpq would silently cut it
    /// off.
    func postgresText() throws(PostgresError) -> String?
}

/// A value that an array parameter may hold. `UInt8` is one, so that `[UInt8]` can be a bytea.
package protocol PostgresArrayElement: Sendable {
    /// The whole array in PostgreSQL's text format.
    static func postgresText(ofArray array: [Self]) throws(PostgresError) -> String
}

extension PostgresArrayElement where Self: PostgresEncodable {
    /// `{"1","a \"quoted\" one",NULL}`: everything is quoted but NULL, so no value can be taken
    /// for syntax or for the word NULL.
    package static func postgresText(
        ofArray array: [Self]
    ) throws(PostgresError) -> String {
        var literal = ArrayLiteral(capacity: array.count * 40)
        for element in array { literal.append(try element.postgresText()) }
        return literal.text
    }
}

extension String: PostgresEncodable, PostgresArrayElement {
    /// The string itself; throws `.invalidParameter` when it holds a NUL.
    package func postgresText() throws(PostgresError) -> String? {
        guard !holdsNUL else {
            throw PostgresError(.invalidParameter, "a text parameter holds a NUL")
        }
        return self
    }

    private var holdsNUL: Bool {
        var text = self
        return text.withUTF8 { $0.contains(0) }
    }
}

/// An array in PostgreSQL's text format while it is written.
private struct ArrayLiteral {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Adds an element; nil is NULL.
    mutating func append(_ text: String?) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        guard var text else { return bytes.append(contentsOf: "NULL".utf8) }
        bytes.append(Self.quote)
        text.withUTF8 { utf8 in
            if utf8.contains(where: { $0 == Self.quote || $0 == Self.backslash }) {
                for byte in utf8 {
                    if byte == Self.quote || byte == Self.backslash {
                        bytes.append(Self.backslash)
                    }
                    bytes.append(byte)
                }
            } else {
                bytes.append(contentsOf: utf8)
            }
        }
        bytes.append(Self.quote)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) + "}" }
}

extension Int: PostgresEncodable, PostgresArrayElement {
    /// Decimal digits.
    package func postgresText() throws(PostgresError) -> String? { description }
}

extension Int64: PostgresEncodable, PostgresArrayElement {
    /// Decimal digits.
    package func postgresText() throws(PostgresError) -> String? { description }
}

extension Bool: PostgresEncodable, PostgresArrayElement {
    /// `true` or `false`.
    package func postgresText() throws(PostgresError) -> String? { description }
}

extension UInt8: PostgresArrayElement {
    /// An array of bytes is no array to PostgreSQL but one bytea, in hexadecimal.
    package static func postgresText(ofArray array: [UInt8]) throws(PostgresError) -> String {
        Hexadecimal.encode(array)
    }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    /// A bytea if the elements are bytes, else an array literal.
    package func postgresText() throws(PostgresError) -> String? {
        try Element.postgresText(ofArray: self)
    }
}

extension Array: PostgresArrayElement where Element == UInt8 {}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    /// nil is NULL.
    package func postgresText() throws(PostgresError) -> String? {
        guard let self else { return nil }
        return try self.postgresText()
    }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresEncodable & PostgresArrayElement {}
