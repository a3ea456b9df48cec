/// A piece of SQL and its parameters.
///
/// The SQL is a `StaticString`: no value can find its way into it, and each text can be prepared
/// once for each connection and kept, for there are only as many as the program has.
package struct Statement: Sendable {
    let sql: StaticString
    let parameters: [any PostgresEncodable]

    /// - Parameters:
    ///   - sql: one statement, with `$1`, `$2`, … for the parameters.
    ///   - parameters: in the order of their numbers. Their types are inferred by the server
    ///     from the SQL; cast where it cannot (`$1::uuid`, `unnest($1::text[])`).
    package init(_ sql: StaticString, _ parameters: any PostgresEncodable...) {
        self.sql = sql
        self.parameters = parameters
    }

    func encoded() throws(PostgresError) -> EncodedStatement {
        var values: [String?] = []
        values.reserveCapacity(parameters.count)
        for parameter in parameters { values.append(try parameter.postgresText()) }
        return EncodedStatement(sql: sql.description, values: values)
    }
}

/// A statement whose parameters are text that is known to hold no NUL.
struct EncodedStatement: Sendable {
    let sql: String
    let values: [String?]

    /// Calls `body` with the values as C strings, which live as long as the call.
    func withCStrings<R>(
        _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) throws -> R
    ) rethrows -> R {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
        var offsets: [Int?] = []
        for value in values {
            offsets.append(value == nil ? nil : bytes.count)
            guard let value else { continue }
            bytes.append(contentsOf: value.utf8)
            bytes.append(0)
        }
        return try bytes.withUnsafeBytes { bytes in
            let characters = bytes.assumingMemoryBound(to: CChar.self).baseAddress
            let pointers = offsets.map { offset in
                offset.flatMap { offset in characters.map { $0 + offset } }
            }
            return try pointers.withUnsafeBufferPointer(body)
        }
    }
}
