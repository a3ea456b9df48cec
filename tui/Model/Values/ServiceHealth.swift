/// What the gateway says of one service.
package struct ServiceHealth: Hashable, Sendable {
    /// Its name: `gateway`, `orders`, `payments`.
    package let name: String
    /// Whether it answers.
    package let isUp: Bool
    /// Why not, in a few words; may be empty.
    package let detail: String

    /// - Parameters: as the properties.
    package init(name: String, isUp: Bool, detail: String = "") {
        self.name = name
        self.isUp = isUp
        self.detail = detail
    }
}
