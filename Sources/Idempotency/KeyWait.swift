import SharedKernel

/// How long a request waits for the first one under its key, which is mostly a matter of
/// milliseconds: without a connection or a batch in hand, and then 409 says to come again.
package enum KeyWait {
    /// Looks; in all they span about a second.
    private static let looks = 7
    private static let firstPause: Duration = .milliseconds(15)

    /// Does `work`, again while the key is busy, after pauses that double and are half chance.
    ///
    /// - Throws: `IdempotencyKeyIsBusy` in the end, else what `work` throws.
    package static func whileBusy<Value>(
        _ work: () async throws -> Value
    ) async throws -> Value {
        var pause = firstPause
        for _ in 1..<looks {
            do {
                return try await work()
            } catch is IdempotencyKeyIsBusy {
                try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                pause *= 2
            }
        }
        return try await work()
    }
}
