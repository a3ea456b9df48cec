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
        var literal = "{"
        for element in array {
            if literal.utf8.count > 1 { literal += "," }
            guard let text = try element.postgresText() else {
                literal += "NULL"
                continue
            }
            literal.appendQuoted(text)
        }
        return literal + "}"
    }
}

extension String: PostgresEncodable, PostgresArrayElement {
    /// The string itself; throws `.invalidParameter` when it holds a NUL.
    package func postgresText() throws(PostgresError) -> String? {
        guard !utf8.contains(0) else {
            throw PostgresError(.invalidParameter, "a text parameter holds a NUL")
        }
        return self
    }

    /// Appends `text` as a quoted element of an array literal.
    fileprivate mutating func appendQuoted(_ text: String) {
        let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")
        guard text.utf8.contains(where: { $0 == quote || $0 == backslash }) else {
            self += "\"\(text)\""
            return
        }
        var bytes: [UInt8] = [quote]
        for byte in text.utf8 {
            if byte == quote || byte == backslash { bytes.append(backslash) }
            bytes.append(byte)
        }
        bytes.append(quote)
        self += String(decoding: bytes, as: UTF8.self)
    }
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
