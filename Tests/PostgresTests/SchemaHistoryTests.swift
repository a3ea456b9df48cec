import Postgres
import TestSchema
import Testing

/// What a migration may not do: the rule itself, on migrations that break it.
@Suite struct SchemaHistoryTests {
    private static let shelf = Migration(
        version: 1, name: "shelf",
        sql: """
            CREATE TABLE shelf (
                id bigint PRIMARY KEY, label text, height integer NOT NULL DEFAULT 1,
                width integer NOT NULL CHECK (width > 0), UNIQUE (label, height));
            CREATE INDEX shelf_by_label ON shelf (label);
            CREATE FUNCTION tall(integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 > 9';
            """)

    private static let bad: [(sql: String, expected: Set<String>)] = [
        ("DROP TABLE shelf", ["table shelf is gone"]),
        ("ALTER TABLE shelf RENAME TO rack", ["table shelf is gone"]),
        ("ALTER TABLE shelf DROP COLUMN width", ["column shelf.width is gone"]),
        (
            "ALTER TABLE shelf RENAME width TO breadth",
            [
                "column shelf.width is gone", "column shelf.breadth is new and has to be given",
            ]
        ),
        (
            "ALTER TABLE shelf ADD colour text NOT NULL",
            ["column shelf.colour is new and has to be given"]
        ),
        (
            "ALTER TABLE shelf ALTER width TYPE smallint",
            ["column shelf.width is smallint, was integer"]
        ),
        (
            "ALTER TABLE shelf ALTER label TYPE varchar(9)",
            ["column shelf.label is character varying(9), was text"]
        ),
        ("ALTER TABLE shelf ALTER label SET NOT NULL", ["column shelf.label must not be null"]),
        ("ALTER TABLE shelf ALTER width DROP NOT NULL", ["column shelf.width may be null"]),
        ("ALTER TABLE shelf ALTER height DROP DEFAULT", ["column shelf.height lost its default"]),
        (
            "ALTER TABLE shelf DROP CONSTRAINT shelf_width_check, ADD CHECK (width > 1)",
            ["shelf: CHECK (width > 1)"]
        ),
        (
            "ALTER TABLE shelf ADD colour text CHECK (colour = label)",
            ["shelf: CHECK (colour = label)"]
        ),
        (
            "CREATE UNIQUE INDEX ON shelf (label) WHERE height > 1",
            ["shelf: (label where height > 1) must be unique"]
        ),
        (
            "ALTER TABLE shelf DROP CONSTRAINT shelf_label_height_key",
            ["shelf: (height, label) is unique no more"]
        ),
        (
            "ALTER TABLE shelf ADD FOREIGN KEY (width) REFERENCES shelf",
            ["shelf: FOREIGN KEY (width) REFERENCES shelf(id)"]
        ),
        ("CREATE TABLE book (shelf bigint REFERENCES shelf)", ["shelf: book holds its rows"]),
        (
            "CREATE TRIGGER still BEFORE UPDATE ON shelf FOR EACH ROW "
                + "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            ["shelf: trigger still"]
        ),
        ("DROP FUNCTION tall(integer)", ["routine tall(integer) is gone"]),
    ]

    @Test(arguments: bad)
    func `a migration that the older program cannot bear is found`(
        sql: String, expected: Set<String>
    ) async throws {
        let migrations = [Self.shelf, Migration(version: 2, name: "bad", sql: sql)]
        let findings = try await SchemaHistory.findings(of: migrations)
        #expect(findings == [2: expected])
    }

    @Test func `a migration that only adds is let pass`() async throws {
        let added = Migration(
            version: 2, name: "good",
            sql: """
                ALTER TABLE shelf ADD colour text CHECK (colour <> ''),
                    ADD made timestamptz NOT NULL DEFAULT now();
                CREATE TABLE book (id bigint PRIMARY KEY, title text NOT NULL UNIQUE);
                CREATE INDEX ON shelf (colour);
                DROP INDEX shelf_by_label;
                ALTER TABLE shelf DROP CONSTRAINT shelf_label_height_key,
                    ADD UNIQUE (height, label);
                INSERT INTO shelf (id, width) VALUES (1, 1);
                """)
        #expect(try await SchemaHistory.findings(of: [Self.shelf, added]) == [:])
    }
}
