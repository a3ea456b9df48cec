/// What orders can be sorted by.
package enum OrderColumn: String, Hashable, Sendable, CaseIterable {
    case created, id, user, amount, status, settle, updated

    /// The heading.
    package var title: String { rawValue.uppercased() }
}

/// What accounts can be sorted by.
package enum AccountColumn: String, Hashable, Sendable, CaseIterable {
    case newest, user, balance

    /// The heading.
    package var title: String { rawValue.uppercased() }
}

/// A column and a direction.
package struct Sort<Column: Hashable & Sendable>: Hashable, Sendable {
    package var column: Column
    package var isDescending: Bool

    /// - Parameters: as the properties.
    package init(_ column: Column, isDescending: Bool) {
        self.column = column
        self.isDescending = isDescending
    }
}
