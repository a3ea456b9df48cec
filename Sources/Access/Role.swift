/// What a caller may do. Each role may do what those below it may.
package enum Role: String, Sendable, Hashable, CaseIterable, Comparable {
    /// May look.
    case viewer
    /// May also change something: accounts, deposits, orders.
    case `operator`
    /// May also speak for others: the gateway, towards the services.
    case service

    package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .service: 2
        }
    }
}
