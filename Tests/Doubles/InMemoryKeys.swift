package import SharedKernel

/// The keys under which requests were carried out, in a dictionary.
package struct InMemoryKeys<Answer: Sendable>: Sendable {
    private var known: [IdempotencyKey: (fingerprint: RequestFingerprint, answer: Answer)] = [:]

    /// No key is known.
    package init() {}

    /// What is known of a request; nil where it is to be carried out.
    package func answer(to claim: IdempotencyClaim?) -> Idempotent<Answer>? {
        guard let claim, let stored = known[claim.key] else { return nil }
        return stored.fingerprint == claim.fingerprint ? .replayed(stored.answer) : .keyReused
    }

    /// Keeps the answer, where the request has a key.
    package mutating func keep(_ answer: Answer, for claim: IdempotencyClaim?) {
        guard let claim else { return }
        known[claim.key] = (claim.fingerprint, answer)
    }
}
