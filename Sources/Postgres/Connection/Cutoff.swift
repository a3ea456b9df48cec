import Synchronization

/// The end of a pool's patience: once cut, every wait of its connections ends within a moment,
/// whatever its deadline. It is for a daemon that must stop while its database says nothing.
final class Cutoff: Sendable {
    private let state = Atomic(false)

    /// How long a wait may go on without a look at this.
    static let slice: Duration = .milliseconds(200)

    /// Whether waiting is over.
    var isCut: Bool { state.load(ordering: .relaxed) }

    /// Ends all waiting, for good.
    func cut() { state.store(true, ordering: .relaxed) }
}
