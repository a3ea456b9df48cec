/// One thing that a database's catalogue says of the schema `public`.
struct SchemaFact: Hashable {
    /// What the fact is about.
    enum Kind: String {
        case table, column, unique, check, reference, trigger, routine
    }

    let kind: Kind
    /// The table that it belongs to; a routine has none.
    let table: String
    /// The column, trigger, routine or table itself; empty where a definition says it all.
    let name: String
    /// A column's type and collation, a constraint's or trigger's definition, a key's columns.
    let definition: String
    /// The columns of the table that are concerned; for a reference the table it leads to.
    let concerned: [String]
    /// A column's: whether it takes NULL, and whether the database fills it in.
    let takesNull: Bool
    let hasDefault: Bool

    init?(_ row: [String]) {
        guard row.count == 7, let kind = Kind(rawValue: row[0]) else { return nil }
        self.kind = kind
        (table, name, definition) = (row[1], row[2], row[3])
        concerned = row[4].split(separator: ",").map(String.init)
        (takesNull, hasDefault) = (row[5] == "true", row[6] == "true")
    }

    /// Reads all facts: kind, table, name, definition, columns concerned, takes NULL, has a
    /// default.
    static let query: StaticString = """
        SELECT 'table', relname::text, relname::text, relkind::text, '', 'false', 'false'
            FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT 'column', relname, attname, format_type(atttypid, atttypmod)
                || coalesce(' ' || (SELECT collname FROM pg_collation
                    WHERE pg_collation.oid = attcollation AND collname <> 'default'), ''),
            attname, (NOT attnotnull)::text, (atthasdef OR attidentity <> '')::text
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
                AND attnum > 0 AND NOT attisdropped
        UNION ALL
        SELECT 'unique', indrelid::regclass::text, '',
            (SELECT string_agg(part, ', ' ORDER BY part)
                FROM generate_series(1, indnkeyatts) AS k,
                    pg_get_indexdef(indexrelid, k, true) AS part)
                || coalesce(' where ' || pg_get_expr(indpred, indrelid, true), ''),
            '', 'false', 'false'
            FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
            WHERE relnamespace = 'public'::regnamespace AND indisunique
        UNION ALL
        SELECT CASE contype WHEN 'f' THEN 'reference' ELSE 'check' END, conrelid::regclass::text,
            '', pg_get_constraintdef(pg_constraint.oid, true),
            CASE contype WHEN 'f' THEN confrelid::regclass::text
                ELSE coalesce((SELECT string_agg(attname::text, ',') FROM pg_attribute
                    WHERE attrelid = conrelid AND attnum = ANY (conkey)), '') END,
            'false', 'false'
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                AND contype IN ('c', 'f', 'x') AND conrelid <> 0
        UNION ALL
        SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(pg_trigger.oid, true),
            '', 'false', 'false'
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
            WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
        UNION ALL
        SELECT 'routine', '', oid::regprocedure::text, prorettype::regtype::text, '', 'false',
            'false'
            FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        """
}
