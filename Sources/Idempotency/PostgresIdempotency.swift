package import Postgres
package import SharedKernel

/// The keys under which requests were carried out, each with the answer, in the service's own
/// database: committed together with what the request did.
///
/// That a key stands for one request is the table's primary key. The advisory lock comes before it
/// so that nobody waits there with a connection in hand: a key that is held is known at once.
package enum PostgresIdempotency {
    /// The table. The caller is the second column, since keys are mostly looked for without one.
    package static let schema = """
        CREATE TABLE idempotency_keys (
            key text COLLATE "C" NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
            caller text COLLATE "C" NOT NULL,
            request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
            answer text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
            PRIMARY KEY (key, caller)
        );

        -- Rows come in order of time: a few bytes for each megabyte of the table find the old ones.
        CREATE INDEX idempotency_keys_by_age ON idempotency_keys USING brin (created_at);
        """

    /// How long an answer is kept.
    package static let retention: Duration = .seconds(24 * 3_600)

    /// Carries a request out in the caller's transaction, unless that was done before.
    ///
    /// - Parameters:
    ///   - carryOut: does the request's work in the same transaction. Its answer is kept, so a
    ///     refusal is an answer too; what it throws rolls back and leaves the key free.
    ///   - encode: the answer as text, to be kept.
    ///   - decode: the answer of then.
    /// - Throws: `IdempotencyKeyIsBusy` where another transaction holds the key.
    package static func once<Answer: Sendable>(
        _ claim: IdempotencyClaim, in transaction: PostgresTransaction,
        carryOut: () throws -> Answer, encode: (Answer) -> String,
        decode: (String) throws -> Answer
    ) throws -> Idempotent<Answer> {
        let (key, caller) = (claim.key.text, claim.key.caller)
        let lock = try transaction.execute(
            Statement(
                """
                SELECT pg_try_advisory_xact_lock(hashtextextended($1, hashtextextended($2, 0)))
                """, key, caller))
        guard try lock[0].boolean(0) else { throw IdempotencyKeyIsBusy() }
        // A statement of its own, after the lock, so that it sees what the last holder committed.
        let known = try transaction.execute(
            Statement(
                """
                SELECT request_hash = sha256(convert_to($3, 'UTF8')), answer
                FROM idempotency_keys WHERE key = $1 AND caller = $2
                """, key, caller, claim.fingerprint.text))
        if let row = known.first {
            return try row.boolean(0) ? .replayed(try decode(try row.text(1))) : .keyReused
        }
        let answer = try carryOut()
        try transaction.execute(
            Statement(
                """
                INSERT INTO idempotency_keys (key, caller, request_hash, answer)
                VALUES ($1, $2, sha256(convert_to($3, 'UTF8')), $4)
                """, key, caller, claim.fingerprint.text, encode(answer)))
        return .first(answer)
    }

    /// Forgets answers older than the retention, a bounded number at a time.
    ///
    /// - Returns: how many were forgotten.
    package static func prune(_ pool: PostgresPool, olderThan age: Duration) async throws -> Int {
        try await pool.execute(
            Statement(
                """
                DELETE FROM idempotency_keys WHERE (key, caller) IN (
                    SELECT key, caller FROM idempotency_keys
                    WHERE created_at < statement_timestamp() - $1::bigint * interval '1 second'
                    LIMIT 10000)
                """, age.components.seconds), retry: .idempotent
        ).affected
    }
}
