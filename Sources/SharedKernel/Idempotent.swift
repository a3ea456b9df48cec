/// What became of a request that may have come before.
package enum Idempotent<Answer: Sendable>: Sendable {
    /// It was carried out now; so is every request without a key.
    case first(Answer)
    /// It was carried out before, and nothing was done now: this is the answer of then.
    case replayed(Answer)
    /// Its key stands for another request, and nothing was done.
    case keyReused

    /// The answer, first or again; nil where the key stands for another request.
    package var answer: Answer? {
        switch self {
        case .first(let answer), .replayed(let answer): answer
        case .keyReused: nil
        }
    }
}

extension Idempotent: Equatable where Answer: Equatable {}

/// The first request under a key is still being carried out, and whether it succeeds is open.
///
/// Nothing was done for this one; the same call answers a moment later.
package struct IdempotencyKeyIsBusy: Error, Equatable {
    package init() {}
}
