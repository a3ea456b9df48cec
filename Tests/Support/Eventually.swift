import LocalStack

/// Waits until `condition` holds, asking every 20 ms; an error counts as "not yet", because what a
/// test waits for is often a server that comes back.
///
/// - Parameter limit: generous by default: the machine that runs the suites is slow and busy.
/// - Throws: ``Expired`` when `limit` passes, with the last error of `condition`.
package func eventually(
    within limit: Duration = .seconds(60), _ what: String = "the condition holds",
    _ condition: () async throws -> Bool
) async throws {
    var lastError: (any Error)?
    let holds = try await poll(within: limit, every: .milliseconds(20)) {
        do {
            return try await condition()
        } catch {
            lastError = error
            return false
        }
    }
    guard holds else {
        let reason = lastError.map { "; the last error was: \($0)" } ?? ""
        throw Expired(description: "Not within \(limit): \(what)\(reason)")
    }
}

/// A condition that did not come true in time.
package struct Expired: Error, CustomStringConvertible {
    package let description: String
}

/// A port of 127.0.0.1 that nobody listens on now, and that nobody else is given: it may be a while
/// until its server listens.
package func freePort() throws -> Int { try FreePort.any() }
