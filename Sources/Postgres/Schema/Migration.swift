/// One step of a schema's history. Once released it is never edited: the next step is a new one.
package struct Migration: Sendable {
    let version: Int
    let name: String
    let sql: String

    /// - Parameters:
    ///   - version: its place in the order, unique, from 1.
    ///   - name: a few words; a database that has another name at this version is refused.
    ///   - sql: statements without BEGIN or COMMIT: each migration is one transaction.
    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }
}
