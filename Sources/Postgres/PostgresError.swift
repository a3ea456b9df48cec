/// Everything that can go wrong between this process and its database, by what the caller can do
/// about it.
///
/// The message is PostgreSQL's primary line: never the detail (which quotes row contents) and never
/// the URL's password, so an error may be logged as it is.
package struct PostgresError: Error, Sendable, Equatable {
    /// What happened, in the terms of the caller's next step.
    package enum Code: String, Sendable, Hashable {
        /// No connection could be made; nothing was sent.
        case unreachable
        /// The connection was lost before anything could be committed.
        case connectionLost
        /// A wait reached its deadline and the connection was closed. An autocommitted
        /// statement may have taken effect; a transaction has not.
        case timedOut
        /// No connection came free within the pool's wait limit, or too many callers wait already.
        case poolExhausted
        /// The pool is closing.
        case poolClosed
        /// Too many items wait for a ``GroupCommit``.
        case overloaded
        /// The connection was lost when a commit was under way: it may or may not have happened.
        case outcomeUnknown
        /// COMMIT was answered by ROLLBACK, because the body went on after a failed statement.
        case rolledBack
        /// 40001.
        case serializationFailure
        /// 40P01.
        case deadlock
        /// 55P03: a lock was not granted within the lock timeout.
        case lockNotAvailable
        /// 23505.
        case uniqueViolation
        /// 23514.
        case checkViolation
        /// 23503.
        case foreignKeyViolation
        /// The rest of class 23: NOT NULL, exclusion, restrict.
        case otherConstraint
        /// 22003: a number outside the bounds of its type.
        case numericOutOfRange
        /// Class 53: disk, memory or connection slots are used up.
        case outOfResources
        /// 57P0x: the server ends or begins, and says so before it takes the statement.
        case shuttingDown
        /// 25006: the server accepts no writes; it has become a standby, or never was a primary.
        case notPrimary
        /// 57014: cancelled by the server, mostly by the statement timeout.
        case statementTimedOut
        /// The tables have changed since the statement was prepared, or somebody dropped it; the
        /// session is given up, so a re-run prepares it anew.
        case staleStatement
        /// A value that PostgreSQL would not take or, worse, would truncate; or a URL that is none.
        case invalidParameter
        /// A result that does not have the shape the caller reads.
        case unexpectedResult
        /// The server is set up to lose committed data.
        case notDurable
        /// The database lacks a migration that this program needs, and somebody else applies it.
        case schemaBehind
        /// Any other refusal by the server: a defect in the SQL or the schema.
        case query
    }

    /// What happened.
    package let code: Code
    /// The five characters the server gave, if it was the server that refused.
    package let sqlState: String?
    /// The name of the violated constraint, if the server named one.
    package let constraint: String?
    /// One line in English or the server's language, safe to log.
    package let message: String

    /// An error of this room, or of a test that stands in for it.
    package init(
        _ code: Code, _ message: String, sqlState: String? = nil, constraint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.constraint = constraint
    }

    /// Whether the same call may succeed later without anybody changing anything.
    package var isTransient: Bool {
        isConflict || isServerFault || code == .statementTimedOut || code == .overloaded
            || code == .schemaBehind
    }

    /// Whether the values that were given are at fault: they break a constraint or are none of
    /// their type (classes 22 and 23), and would do so at any time.
    package var concernsInput: Bool {
        switch code {
        case .uniqueViolation, .checkViolation, .foreignKeyViolation, .otherConstraint,
            .numericOutOfRange, .invalidParameter:
            true
        default: sqlState?.hasPrefix("22") ?? false
        }
    }

    /// Whether an autocommitted statement, or a transaction's COMMIT, may have taken effect.
    package var isUncertain: Bool { code == .outcomeUnknown || code == .timedOut }

    /// Whether it is certain to be rolled back and worth re-running: mostly because another
    /// transaction stood in the way.
    package var isConflict: Bool {
        switch code {
        case .serializationFailure, .deadlock, .lockNotAvailable, .staleStatement: true
        default: false
        }
    }

    /// The same failure, where a commit may have gone through before it.
    var asUnknownOutcome: PostgresError {
        PostgresError(.outcomeUnknown, message, sqlState: sqlState)
    }

    /// What a body is told that goes on behind the end of its transaction.
    static let overAlready = PostgresError(.rolledBack, "the transaction is over already")

    /// Whether the database, not the statement, is the trouble: any other statement would fail too.
    package var isServerFault: Bool {
        switch code {
        case .unreachable, .connectionLost, .timedOut, .poolExhausted, .poolClosed,
            .outcomeUnknown, .outOfResources, .shuttingDown, .notPrimary:
            true
        default: false
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// The code, the SQLSTATE and the message on one line.
    package var description: String {
        let state = sqlState.map { " [\($0)]" } ?? ""
        let subject = constraint.map { " (\($0))" } ?? ""
        return "\(code.rawValue)\(state): \(message)\(subject)"
    }
}

extension PostgresError.Code {
    /// Classifies a SQLSTATE. Class 08 stays `.query`: whether the connection is lost is
    /// known from the connection, and 08P01 is what a wrong number of parameters gives.
    init(sqlState: String) {
        switch sqlState {
        case "40001": self = .serializationFailure
        case "40P01": self = .deadlock
        case "55P03": self = .lockNotAvailable
        case "23505": self = .uniqueViolation
        case "23514": self = .checkViolation
        case "23503": self = .foreignKeyViolation
        case "22003": self = .numericOutOfRange
        case "57014": self = .statementTimedOut
        case "25006": self = .notPrimary
        case _ where sqlState.hasPrefix("57P0"): self = .shuttingDown
        case _ where sqlState.hasPrefix("23"): self = .otherConstraint
        case _ where sqlState.hasPrefix("53"): self = .outOfResources
        default: self = .query
        }
    }
}
