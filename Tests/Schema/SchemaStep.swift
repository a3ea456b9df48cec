/// What one migration did to a schema, as the previous version's program sees it: that program
/// knows nothing of the step, and still reads and writes what it always did.
struct SchemaStep {
    let before: Set<SchemaFact>
    let after: Set<SchemaFact>

    private var added: Set<SchemaFact> { after.subtracting(before) }
    private var gone: Set<SchemaFact> { before.subtracting(after) }

    /// What the older program cannot be expected to bear, a line each; empty for a step that only
    /// adds. Whether a trigger or a wider range of values harms is for a person to say, so both
    /// are told.
    var findings: [String] {
        gone.compactMap(lost) + added.compactMap(asked)
    }

    private func lost(_ fact: SchemaFact) -> String? {
        switch fact.kind {
        case .table: "table \(fact.name) is gone"
        // Told with its table, or with what it became.
        case .column:
            isOld(fact.table, after) && successor(of: fact, in: after) == nil
                ? "column \(fact.place) is gone" : nil
        // `ON CONFLICT (…)` names the columns of a key that must be there.
        case .unique:
            isOld(fact.table, after)
                ? "\(fact.table): (\(fact.definition)) is unique no more" : nil
        case .routine: "routine \(fact.name) is gone"
        case .check, .reference, .trigger: nil
        }
    }

    private func asked(_ fact: SchemaFact) -> String? {
        if fact.kind == .reference, fact.concerned.contains(where: { isOld($0, before) }),
            !isOld(fact.table, before)
        {
            return "\(fact.concerned[0]): \(fact.table) holds its rows"
        }
        guard isOld(fact.table, before) else { return nil }
        return switch fact.kind {
        case .table, .routine: nil
        case .column: change(of: fact)
        case .unique: "\(fact.table): (\(fact.definition)) must be unique"
        // One that is about new columns alone never meets what the older program writes.
        case .check:
            fact.concerned.contains { isOld(column: $0, of: fact.table) }
                ? "\(fact.table): \(fact.definition)" : nil
        case .reference: "\(fact.table): \(fact.definition)"
        case .trigger: "\(fact.table): trigger \(fact.name)"
        }
    }

    private func change(of column: SchemaFact) -> String? {
        guard let former = successor(of: column, in: before) else {
            let isFilled = column.takesNull || column.hasDefault
            return isFilled ? nil : "column \(column.place) is new and has to be given"
        }
        if former.definition != column.definition {
            return "column \(column.place) is \(column.definition), was \(former.definition)"
        }
        if former.takesNull != column.takesNull {
            return "column \(column.place) \(column.takesNull ? "may be" : "must not be") null"
        }
        let lostDefault = former.hasDefault && !column.hasDefault
        return lostDefault ? "column \(column.place) lost its default" : nil
    }

    private func successor(of column: SchemaFact, in facts: Set<SchemaFact>) -> SchemaFact? {
        facts.first { $0.kind == .column && $0.place == column.place }
    }

    private func isOld(_ table: String, _ facts: Set<SchemaFact>) -> Bool {
        facts.contains { $0.kind == .table && $0.name == table }
    }

    private func isOld(column: String, of table: String) -> Bool {
        before.contains { $0.kind == .column && $0.table == table && $0.name == column }
    }
}

extension SchemaFact {
    fileprivate var place: String { "\(table).\(name)" }
}
