import Postgres
import Testing

@Suite struct ParameterTests {
    static let nasty = [
        "", " ", "NULL", "null", "{", "}", "{}", ",", "\"", "\\", "\\\\\"", "a,b", "it's", "''",
        "\n\t\r", "\u{7F}", "ÅÄÖ", "A\u{30A}", "👩‍👩‍👧‍👦", "$1", "; DROP TABLE x; --", "%s", "\\x00",
    ]

    @Test func `every scalar comes back as it was sent`() async throws {
        let pool = try await TestDatabase().pool
        let rows = try await pool.execute(
            Statement(
                """
                SELECT $1::text, $2::bigint, $3::bigint, $4::boolean, $5::bytea, $6::int, $7::bool
                """,
                "käse", Int64.min, Int.max, true, (0...255).map(UInt8.init), -7, false))
        let row = try #require(rows.first)
        #expect(try row.text(0) == "käse")
        #expect(try row.bigint(1) == .min)
        #expect(try row.integer(2) == .max)
        #expect(try row.boolean(3))
        #expect(try row.bytes(4) == (0...255).map(UInt8.init))
        #expect(try row.integer(5) == -7)
        #expect(try !row.boolean(6))
    }

    @Test func `nil is NULL for every type`() async throws {
        let pool = try await TestDatabase().pool
        let rows = try await pool.execute(
            Statement(
                "SELECT $1::text, $2::bigint, $3::bytea, $4::text[], $5::boolean",
                String?.none, Int64?.none, [UInt8]?.none, [String]?.none, Bool?.none))
        let row = try #require(rows.first)
        #expect(try row.textOrNil(0) == nil)
        #expect(try row.bigintOrNil(1) == nil)
        #expect(try row.bytesOrNil(2) == nil)
        #expect(try row.textOrNil(3) == nil)
        #expect(await code { try row.boolean(4) } == .unexpectedResult)
    }

    @Test func `nasty strings survive as scalars and as elements of an array`() async throws {
        let pool = try await TestDatabase().pool
        let rows = try await pool.execute(
            Statement("SELECT unnest($1::text[])", Self.nasty))
        #expect(try rows.map { Array(try $0.text(0).utf8) } == Self.nasty.map { Array($0.utf8) })
        for text in Self.nasty {
            let row = try await pool.execute(Statement("SELECT $1::text", text))[0]
            #expect(try Array(row.text(0).utf8) == Array(text.utf8))
        }
    }

    @Test func `arrays of every type keep their order and their NULLs`() async throws {
        let pool = try await TestDatabase().pool
        let rows = try await pool.execute(
            Statement(
                """
                SELECT * FROM unnest(
                    $1::text[], $2::bigint[], $3::bytea[], $4::boolean[], $5::bigint[])
                """, ["NULL", nil, ""], [Int64.max, .min, 0], [[0, 255], [], nil] as [[UInt8]?],
                [true, false, nil] as [Bool?], [1, nil, 3] as [Int?]))
        #expect(try rows.map { try $0.textOrNil(0) } == ["NULL", nil, ""])
        #expect(try rows.map { try $0.bigint(1) } == [.max, .min, 0])
        #expect(try rows.map { try $0.bytesOrNil(2) } == [[0, 255], [], nil])
        #expect(try rows.prefix(2).map { try $0.boolean(3) } == [true, false])
        #expect(try rows.map { try $0.bigintOrNil(4) } == [1, nil, 3])
    }

    @Test func `an empty array is an array without elements`() async throws {
        let pool = try await TestDatabase().pool
        #expect(try await pool.execute(Statement("SELECT unnest($1::text[])", [String]())).isEmpty)
        let bytes = try await pool.execute(Statement("SELECT $1::bytea", [UInt8]()))[0].bytes(0)
        #expect(bytes.isEmpty)
    }

    @Test func `a NUL in a text parameter is refused`() async throws {
        let database = try await TestDatabase(tables: "CREATE TABLE names (name text)")
        let pool = database.pool
        let insert = Statement("INSERT INTO names VALUES ($1)", "alice\0x")
        #expect(await code { try await pool.execute(insert) } == .invalidParameter)
        #expect(
            await code { try await pool.transaction { try $0.execute(insert) } }
                == .invalidParameter)
        let array = Statement("INSERT INTO names SELECT unnest($1::text[])", ["bob", "al\0"])
        #expect(await code { try await pool.execute(array) } == .invalidParameter)
        let optional = Statement("INSERT INTO names VALUES ($1)", String?.some("\0"))
        #expect(await code { try await pool.execute(optional) } == .invalidParameter)
        #expect(await code { try await pool.script("SELECT '\0'") } == .invalidParameter)
        #expect(try await pool.number(Statement("SELECT count(*) FROM names")) == 0)
    }

    @Test func `a large value makes the trip in both directions`() async throws {
        let pool = try await TestDatabase().pool
        let text = String(repeating: "0123456789abcdef", count: 1_000_000)
        let rows = try await pool.execute(Statement("SELECT $1::text", text))
        #expect(try rows[0].text(0) == text)
    }

    @Test func `a statement tells how many rows it changed`() async throws {
        let pool = try await TestDatabase(tables: "CREATE TABLE numbers (n bigint)").pool
        let insert = Statement("INSERT INTO numbers SELECT unnest($1::bigint[])", [1, 2, 3])
        #expect(try await pool.execute(insert).affected == 3)
        #expect(
            try await pool.execute(Statement("UPDATE numbers SET n = 0 WHERE n > 1")).affected == 2)
        #expect(try await pool.execute(Statement("DELETE FROM numbers WHERE n = 9")).affected == 0)
        #expect(try await pool.execute(Statement("SET application_name = 'x'")).affected == 0)
    }

    @Test func `a column read as what it is not is an error, never a guess`() async throws {
        let pool = try await TestDatabase().pool
        let row = try await pool.execute(
            Statement("SELECT 'x', NULL::bigint, 9223372036854775808::numeric"))[0]
        #expect(await code { try row.bigint(0) } == .unexpectedResult)
        #expect(await code { try row.bytes(0) } == .unexpectedResult)
        #expect(await code { try row.boolean(0) } == .unexpectedResult)
        #expect(await code { try row.bigint(1) } == .unexpectedResult)
        #expect(await code { try row.text(1) } == .unexpectedResult)
        #expect(await code { try row.bigint(2) } == .unexpectedResult)
        #expect(await code { try row.textOrNil(3) } == .unexpectedResult)
        #expect(await code { try row.textOrNil(-1) } == .unexpectedResult)
    }
}
