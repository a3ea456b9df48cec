/// The parts of the screen that can have the focus, in the order of Tab and of their numbers.
package enum Pane: Int, Hashable, Sendable, CaseIterable {
    case accounts = 1
    case orders
    case detail
    case rates
    case log
    case parked

    /// The heading.
    package var title: String {
        switch self {
        case .accounts: "Accounts"
        case .orders: "Orders"
        case .detail: "Timeline"
        case .rates: "Rates"
        case .log: "Log"
        case .parked: "Parked"
        }
    }
}
