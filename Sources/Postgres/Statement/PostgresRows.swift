import CLibPQ

/// What a statement gave: its rows, and how many it changed.
///
/// Holds libpq's own result, so a column is decoded when it is read and not before. It may be sent
/// anywhere and outlives its connection.
package struct PostgresRows: Sendable, RandomAccessCollection {
    private let result: ResultHandle

    /// How many rows were inserted, updated, deleted or selected; 0 for other statements.
    package let affected: Int
    /// 0, for the use of `RandomAccessCollection`.
    package let startIndex = 0
    /// How many rows there are to read.
    package let endIndex: Int

    init(_ result: ResultHandle) {
        self.result = result
        affected = Int(String(cString: PQcmdTuples(result.pointer))) ?? 0
        endIndex = Int(PQntuples(result.pointer))
    }

    /// The row at `position`, counted from 0; it must exist.
    package subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(endIndex)")
        return PostgresRow(result: result, row: Int32(position))
    }
}

/// One row. Columns are counted from 0; every accessor throws `.unexpectedResult` where the
/// column is missing, NULL (but for the `…OrNil` forms) or not of that form.
package struct PostgresRow: Sendable {
    let result: ResultHandle
    let row: Int32

    /// A column of any type, as PostgreSQL prints it.
    package func text(_ column: Int) throws(PostgresError) -> String {
        try required(column, textOrNil(column))
    }

    /// The same, where NULL is nil.
    package func textOrNil(_ column: Int) throws(PostgresError) -> String? {
        try value(column) { String(decoding: $0, as: UTF8.self) }
    }

    /// A bigint or a narrower whole number.
    package func bigint(_ column: Int) throws(PostgresError) -> Int64 {
        try required(column, bigintOrNil(column))
    }

    /// The same, where NULL is nil.
    package func bigintOrNil(_ column: Int) throws(PostgresError) -> Int64? {
        try value(column, Self.integer)
    }

    /// A whole number, as `Int`.
    package func integer(_ column: Int) throws(PostgresError) -> Int {
        Int(try bigint(column))
    }

    /// A boolean.
    package func boolean(_ column: Int) throws(PostgresError) -> Bool {
        let letter = try text(column)
        guard letter == "t" || letter == "f" else { throw malformed(column) }
        return letter == "t"
    }

    /// A bytea.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        try required(column, bytesOrNil(column))
    }

    /// The same, where NULL is nil.
    package func bytesOrNil(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try value(column) { Hexadecimal.decode($0) }
    }

    /// Decimal digits after an optional minus; nil for anything else, and where they are more than
    /// fit.
    private static func integer(_ digits: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = digits.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for digit in digits.dropFirst(isNegative ? 1 : 0) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            // Downwards, where there is room for one more.
            let (tenfold, isTooMuch) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) = tenfold.subtractingReportingOverflow(
                Int64(digit - UInt8(ascii: "0")))
            guard !isTooMuch, !isBeyond else { return nil }
            value = sum
        }
        guard digits.count > (isNegative ? 1 : 0) else { return nil }
        return isNegative ? value : (value == .min ? nil : -value)
    }

    private func value<T>(
        _ column: Int, _ decode: (UnsafeRawBufferPointer) -> T?
    ) throws(PostgresError) -> T? {
        guard column >= 0, column < Int(PQnfields(result.pointer)) else {
            throw PostgresError(.unexpectedResult, "the result has no column \(column)")
        }
        let column = Int32(column)
        guard PQgetisnull(result.pointer, row, column) == 0 else { return nil }
        let count = Int(PQgetlength(result.pointer, row, column))
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result.pointer, row, column), count: count)
        guard let decoded = decode(bytes) else { throw malformed(Int(column)) }
        return decoded
    }

    private func required<T>(_ column: Int, _ value: T?) throws(PostgresError) -> T {
        guard let value else {
            throw PostgresError(.unexpectedResult, "column \(name(column)) is NULL")
        }
        return value
    }

    private func malformed(_ column: Int) -> PostgresError {
        PostgresError(.unexpectedResult, "column \(name(column)) is not of the type asked for")
    }

    private func name(_ column: Int) -> String {
        PQfname(result.pointer, Int32(column)).map { String(cString: $0) } ?? "\(column)"
    }
}
