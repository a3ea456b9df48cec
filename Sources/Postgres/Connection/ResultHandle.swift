import CLibPQ

/// A `PGresult` that is freed with its last reference.
///
/// `@unchecked`: libpq documents a result as read-only once it is made, and safe to pass between
/// threads.
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }

    /// `COMMIT`, `INSERT 0 1`, …
    var commandTag: String { String(cString: PQcmdStatus(pointer)) }

    /// Whether the server ended the session with this message.
    var isFatal: Bool {
        let severity = field(PG_DIAG_SEVERITY_NONLOCALIZED)
        return severity == "FATAL" || severity == "PANIC"
    }

    /// The classified error, without its detail: that quotes the contents of rows.
    var error: PostgresError {
        let sqlState = field(PG_DIAG_SQLSTATE)
        let message = field(PG_DIAG_MESSAGE_PRIMARY)
        return PostgresError(
            code(sqlState), message ?? String(cString: PQresultErrorMessage(pointer)).oneLine,
            sqlState: sqlState, constraint: field(PG_DIAG_CONSTRAINT_NAME))
    }

    private func code(_ sqlState: String?) -> PostgresError.Code {
        switch sqlState {
        case nil: .connectionLost
        case let state? where isFatal && !state.hasPrefix("57P0"): .connectionLost
        // The message is translated by the server; the function's name is not.
        case "0A000" where field(PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery":
            .staleStatement
        case "26000": .staleStatement
        case let state?: PostgresError.Code(sqlState: state)
        }
    }

    private func field(_ name: Character) -> String? {
        guard let ascii = name.asciiValue else { return nil }
        return PQresultErrorField(pointer, Int32(ascii)).map { String(cString: $0) }
    }
}

// The header spells these as character literals, which Swift does not import.
private let PG_DIAG_SEVERITY_NONLOCALIZED: Character = "V"
private let PG_DIAG_SQLSTATE: Character = "C"
private let PG_DIAG_MESSAGE_PRIMARY: Character = "M"
private let PG_DIAG_CONSTRAINT_NAME: Character = "n"
private let PG_DIAG_SOURCE_FUNCTION: Character = "R"

extension String {
    /// The lines of libpq's message joined, for a log that has a line for each event.
    var oneLine: String {
        split(whereSeparator: \.isNewline)
            .map { $0.drop(while: \.isWhitespace) }
            .joined(separator: "; ")
    }
}
