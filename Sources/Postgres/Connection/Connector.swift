import CLibPQ
import Glibc

/// Opens sessions: libpq's asynchronous connect under `poll`, with one deadline for all of it.
///
/// `connect_timeout` has no effect on the asynchronous form, so the deadline here is the only one.
/// The look-up of a host's name is the C library's and obeys its own (`resolv.conf`).
struct Connector {
    let configuration: PostgresConfiguration
    let cutoff: Cutoff

    func open() throws(PostgresError) -> Session {
        let password = try checkedPassword()
        guard let handle = start() else {
            throw PostgresError(.outOfResources, "no memory for a connection")
        }
        do {
            try connect(handle, by: ContinuousClock.now + configuration.connectTimeout)
        } catch {
            let message = PostgresError(
                error.code == .timedOut ? .timedOut : .unreachable,
                error.message.redacting(password))
            shutdown(PQsocket(handle), Int32(SHUT_RDWR))
            PQfinish(handle)
            throw message
        }
        PQsetnonblocking(handle, 1)
        let session = Session(
            adopting: handle, queryDeadline: configuration.queryDeadline, cutoff: cutoff)
        do {
            try session.script(setup, within: configuration.connectTimeout)
        } catch {
            throw PostgresError(
                .unreachable, "the session could not be set up: \(error.message)",
                sqlState: error.sqlState)
        }
        return session
    }

    /// What every session is told first. Timeouts are plain numbers of milliseconds.
    ///
    /// A statement's plan is kept with it. One that was made while a table was all but empty would
    /// read it from end to end for as long as nobody analyzes it, and tables begin empty exactly
    /// when a shop opens; every statement here has an index that leads to its rows. Where one has
    /// to count a whole table all the same, its price so forbidding would call the JIT compiler,
    /// which takes longer than the counting.
    private var setup: String {
        """
        SET statement_timeout = \(configuration.statementTimeout.milliseconds);
        SET lock_timeout = \(configuration.lockTimeout.milliseconds);
        SET idle_in_transaction_session_timeout = \
        \(configuration.idleInTransactionTimeout.milliseconds);
        SET default_transaction_isolation = 'read committed';
        SET enable_seqscan = off; SET jit = off;
        SET bytea_output = 'hex'; SET datestyle = 'ISO, YMD'; SET timezone = 'UTC'
        """
    }

    private func start() -> OpaquePointer? {
        // Later keywords win, and `dbname` is expanded where it stands.
        let settings = [
            ("application_name", configuration.applicationName),
            ("target_session_attrs", "read-write"),
            ("gssencmode", "disable"),
            ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
            ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
            ("dbname", configuration.url),
            ("client_encoding", "UTF8"),
        ]
        let keywords = EncodedStatement(sql: "", values: settings.map(\.0) + [nil])
        let values = EncodedStatement(sql: "", values: settings.map(\.1) + [nil])
        return keywords.withCStrings { keywords in
            values.withCStrings { values in
                keywords.baseAddress.flatMap { keywords in
                    values.baseAddress.flatMap { PQconnectStartParams(keywords, $0, 1) }
                }
            }
        }
    }

    private func connect(
        _ handle: OpaquePointer, by deadline: ContinuousClock.Instant
    ) throws(PostgresError) {
        var state = PGRES_POLLING_WRITING
        if PQstatus(handle) == CONNECTION_BAD { state = PGRES_POLLING_FAILED }
        while state != PGRES_POLLING_OK {
            // The socket is asked for anew each time: the next address has another one.
            switch state {
            case PGRES_POLLING_READING:
                _ = try Readiness.wait(for: POLLIN, on: PQsocket(handle), by: deadline, or: cutoff)
            case PGRES_POLLING_WRITING:
                _ = try Readiness.wait(for: POLLOUT, on: PQsocket(handle), by: deadline, or: cutoff)
            default:
                let message = String(cString: PQerrorMessage(handle)).oneLine
                throw PostgresError(.unreachable, message)
            }
            state = PQconnectPoll(handle)
        }
    }

    /// Refuses what is no URL before libpq quotes it, and finds the password so that no message
    /// holds it.
    private func checkedPassword() throws(PostgresError) -> String? {
        guard !configuration.url.utf8.contains(0),
            let options = PQconninfoParse(configuration.url, nil)
        else {
            throw PostgresError(.invalidParameter, "the database URL cannot be understood")
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if strcmp(keyword, "password") == 0 {
                return option.pointee.val.map { String(cString: $0) }
            }
            option += 1
        }
        return nil
    }
}

extension String {
    /// The same text with `secret` struck out wherever it stands.
    fileprivate func redacting(_ secret: String?) -> String {
        guard let secret, !secret.isEmpty else { return self }
        var rest = self[...]
        var text = ""
        while let range = rest.firstRange(of: secret) {
            text += rest[..<range.lowerBound] + "***"
            rest = rest[range.upperBound...]
        }
        return text + rest
    }
}
