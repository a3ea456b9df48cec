/// Asks again and again until the answer is yes, or until `limit` has passed.
///
/// - Parameter interval: between two questions; what is asked here costs more than the wait.
/// - Returns: whether the answer was yes in time. Throws what `condition` throws, and on
///   cancellation.
package func poll(
    within limit: Duration, every interval: Duration = .milliseconds(50),
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: interval)
    }
    return true
}
