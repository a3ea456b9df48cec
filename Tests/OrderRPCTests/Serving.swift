import Logging
import OrdersPresentation
import ServiceHost
import ServiceLifecycle

/// Runs a gRPC door while the body runs; returning proves that it stopped.
///
/// - Parameters:
///   - make: makes the door, which says on what port it listens.
///   - body: is given the port, and how to stop the door before its own end.
func serving(
    _ make: (_ onListening: @escaping @Sendable (Int) async -> Void) throws -> OrderRPCServer,
    _ body: (_ port: Int, _ stop: @Sendable () async -> Void) async throws -> Void
) async throws {
    let (ports, announcing) = AsyncStream<Int>.makeStream()
    let server = try make { announcing.yield($0) }
    let group = ServiceGroup(
        services: [server], gracefulShutdownSignals: [], logger: Logger(label: "test"))
    try await withThrowingTaskGroup { tasks in
        tasks.addTask {
            defer { announcing.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            // It ended before it listened: its error says why.
            try await tasks.waitForAll()
            throw StartFailure("the server ended before it listened")
        }
        try await body(port) { await group.triggerGracefulShutdown() }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}
