import Foundation
import JSON
import LocalStack
import NIOHTTP1
import Synchronization
import TestShop
import TestSupport
import Testing

/// How the daemons start and stop.
@Suite struct LifecycleTests {
    @Test func `each daemon stops in order within ten seconds, and nothing accepted is lost`()
        async throws
    {
        let shop = try await Shop.open()
        try await shop.openAccount("alice", balance: "100000")
        let accepted = AcceptedOrders()
        let load = Task {
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        while !Task.isCancelled {
                            guard let id = try? await shop.place("alice", "0.01") else { return }
                            accepted.add(id)
                        }
                    }
                }
            }
        }
        try await eventually("orders flow") { accepted.ids.count > 50 }
        let started = ContinuousClock.now
        let ends = await shop.close()
        let took = ContinuousClock.now - started
        load.cancel()
        await load.value
        for daemon in Shop.Daemon.allCases {
            #expect(ends[daemon] == .exited(0), "\(daemon.rawValue)")
        }
        #expect(took < .seconds(30))
        let stored = Set(try await shop.ordersRows("SELECT order_id FROM orders"))
        #expect(stored.isSuperset(of: accepted.ids))
    }

    @Test(arguments: Shop.Daemon.allCases)
    func `a daemon's help lists every setting with its default`(daemon: Shop.Daemon) async throws {
        let process = try await DaemonProcess.start(
            daemon.rawValue, port: freePort(), environment: [:], arguments: ["--help"])
        try await eventually("it has ended") { !process.isRunning }
        for word in ["USAGE", "HTTP_HOST", "HTTP_PORT", "LOG_LEVEL", "default:"] {
            #expect(process.log.contains(word), "\(word)")
        }
        #expect(await process.terminate() == .exited(0))
    }

    @Test func `a public address is refused, and a missing setting is named`() async throws {
        let environment = ["DATABASE_URL": "postgresql://x/x", "BROKER_URL": "amqp://x/"]
        let open = try await DaemonProcess.start(
            "kassa-payments", port: freePort(), environment: environment,
            arguments: ["--http-host", "0.0.0.0"])
        try await eventually("it has ended") { !open.isRunning }
        #expect(open.log.contains("--insecure-public"))
        #expect(await open.terminate() == .exited(78))
        let blank = try await DaemonProcess.start(
            "kassa-payments", port: freePort(), environment: ["BROKER_URL": "amqp://x/"])
        try await eventually("it has ended") { !blank.isRunning }
        #expect(blank.log.contains("DATABASE_URL is not set"))
        #expect(await blank.terminate() == .exited(64))
    }
}

/// The orders that customers have been promised.
private final class AcceptedOrders: Sendable {
    private let state = Mutex<[String]>([])

    var ids: [String] { state.withLock(\.self) }

    func add(_ id: String) { state.withLock { $0.append(id) } }
}
