/// Where the database is, and how long anything may wait for it.
package struct PostgresConfiguration: Sendable {
    /// A libpq URL. What it says about `sslmode`, `keepalives`, `application_name` and the
    /// like wins over the defaults here; the timeouts below win over what it says.
    package var url: String
    /// What `pg_stat_activity` shows.
    package var applicationName: String
    /// The deadline of a connection attempt, all hosts of the URL together.
    package var connectTimeout: Duration = .seconds(5)
    /// After which the server cancels a statement.
    package var statementTimeout: Duration = .seconds(5)
    /// After which the server gives up waiting for a lock.
    package var lockTimeout: Duration = .seconds(2)
    /// After which the server ends a session that sits in an open transaction.
    package var idleInTransactionTimeout: Duration = .seconds(15)
    /// The hard deadline of every statement on our side: on expiry the connection is closed.
    /// Longer than the statement timeout, so that a server that answers at all answers first.
    package var queryDeadline: Duration = .seconds(8)

    /// A configuration with the house's timeouts.
    package init(url: String, applicationName: String) {
        self.url = url
        self.applicationName = applicationName
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// The application name alone: the URL may hold a password.
    package var description: String { "PostgresConfiguration(\(applicationName))" }
    /// The same as ``description``.
    package var debugDescription: String { description }
}
