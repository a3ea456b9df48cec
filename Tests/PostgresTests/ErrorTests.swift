import Postgres
import Testing

@Suite struct ErrorTests {
    @Test(
        arguments: [
            (
                "INSERT INTO things VALUES (1, 1, 1)", PostgresError.Code.uniqueViolation,
                "things_pkey"
            ),
            ("INSERT INTO things VALUES (2, -1, 1)", .checkViolation, "positive"),
            ("INSERT INTO things VALUES (2, 1, 9)", .foreignKeyViolation, "parent"),
            ("INSERT INTO things VALUES (2, NULL, 1)", .otherConstraint, nil),
            ("SELECT 9223372036854775807::bigint + 1", .numericOutOfRange, nil),
            ("SELECT nothing", .query, nil),
            ("SELECT $1::bigint", .query, nil),
            ("SELECT * FROM things; SELECT 1", .query, nil),
            ("COPY things FROM STDIN", .query, nil),
        ] as [(StaticString, PostgresError.Code, String?)])
    func `a refusal says what was refused`(
        sql: StaticString, code: PostgresError.Code, constraint: String?
    ) async throws {
        let pool = try await TestDatabase(
            size: 1,
            tables: """
                CREATE TABLE things (id bigint PRIMARY KEY,
                    n bigint NOT NULL CONSTRAINT positive CHECK (n > 0),
                    up bigint CONSTRAINT parent REFERENCES things);
                INSERT INTO things VALUES (1, 1, 1)
                """
        ).pool
        let error = await #expect(throws: PostgresError.self) {
            try await pool.execute(Statement(sql))
        }
        #expect(error?.code == code)
        #expect(error?.constraint == constraint)
        #expect(error?.isTransient == false)
        // The connection is none the worse for it.
        #expect(try await pool.number(Statement("SELECT count(*) FROM things")) == 1)
    }

    @Test func `what quotes the contents of rows is left out of the error`() async throws {
        let pool = try await TestDatabase(
            tables: "CREATE TABLE people (name text PRIMARY KEY); INSERT INTO people VALUES ('eve')"
        ).pool
        let error = await #expect(throws: PostgresError.self) {
            try await pool.execute(Statement("INSERT INTO people VALUES ($1)", "eve"))
        }
        let description = try #require(error).description
        #expect(!description.contains("eve"))
        #expect(description.contains("uniqueViolation [23505]"))
        #expect(description.contains("people_pkey"))
    }

    @Test func `transient is what may pass by itself, and nothing else`() {
        let transient: [PostgresError.Code] = [
            .unreachable, .connectionLost, .timedOut, .poolExhausted, .poolClosed, .overloaded,
            .outcomeUnknown, .serializationFailure, .deadlock, .lockNotAvailable, .outOfResources,
            .shuttingDown, .notPrimary, .statementTimedOut, .staleStatement,
        ]
        let permanent: [PostgresError.Code] = [
            .rolledBack, .uniqueViolation, .checkViolation, .foreignKeyViolation, .otherConstraint,
            .numericOutOfRange, .invalidParameter, .unexpectedResult, .notDurable, .query,
        ]
        for code in transient { #expect(PostgresError(code, "").isTransient, "\(code)") }
        for code in permanent { #expect(!PostgresError(code, "").isTransient, "\(code)") }
    }

    @Test func `no error and no description holds the password`() async throws {
        let urls = [
            "postgresql://user:sesame@127.0.0.1:sesame/orders",
            "postgresql://user:sesame@127.0.0.1:port/orders",
            "postgresql://user:sesame%zz@127.0.0.1/orders",
            "user sesame", "postgresql://user:sesame@/%00", "postgresql://u:sesame@[::1/x",
        ]
        for url in urls {
            let pool = TestDatabase.pool(to: url)
            let error = await #expect(throws: PostgresError.self) { try await pool.ping() }
            #expect(try !#require(error).description.contains("sesame"), "\(url)")
        }
        let configuration = PostgresConfiguration(url: urls[0], applicationName: "tests")
        #expect(!"\(configuration)".contains("sesame"))
        #expect(!String(reflecting: configuration).contains("sesame"))
    }
}
