import LocalStack
import TestShop
import TestSupport

/// A shop of this run's own, with a proxy on every way between a service and a server, and somebody
/// who starts again whatever dies.
final class Battlefield: Sendable {
    let stack: TestStack
    let shop: Shop
    let supervisor: Supervisor
    private let proxies: [Strike.Way: FaultProxy]
    /// PostgreSQL's disk where it is a small one; nil where no disk could be made.
    let disk: SmallDisk?

    private init(
        stack: TestStack, shop: Shop, proxies: [Strike.Way: FaultProxy], disk: SmallDisk?
    ) {
        self.stack = stack
        self.shop = shop
        self.proxies = proxies
        self.disk = disk
        supervisor = Supervisor(shop)
    }

    /// Starts servers, proxies and daemons, and waits until all are ready.
    ///
    /// - Parameter diskMegabytes: the size of PostgreSQL's disk; nil leaves it where it is.
    static func open(diskMegabytes: Int?) async throws -> Battlefield {
        let stack = try await TestStack.ownStack()
        do {
            var disk: SmallDisk?
            if let diskMegabytes {
                disk = try await SmallDisk.put(under: stack, megabytes: diskMegabytes)
            }
            var proxies: [Strike.Way: FaultProxy] = [:]
            var detours: [Shop.Daemon: Shop.Detour] = [:]
            for service in [Shop.Daemon.orders, .payments] {
                let postgres = try await FaultProxy.start(to: stack.postgresPort)
                let broker = try await FaultProxy.start(to: stack.brokerPort)
                proxies[Strike.Way(service: service, isBroker: false)] = postgres
                proxies[Strike.Way(service: service, isBroker: true)] = broker
                detours[service] = Shop.Detour(postgres: postgres.port, broker: broker.port)
            }
            let shop = try await Shop.open(
                on: stack, patience: .seconds(2),
                settings: [.orders: ["LOG_LEVEL": "warning"], .payments: ["LOG_LEVEL": "warning"]],
                detours: detours)
            return Battlefield(stack: stack, shop: shop, proxies: proxies, disk: disk)
        } catch {
            await stack.stop()
            throw error
        }
    }

    /// The proxies of these ways.
    func proxies(_ ways: [Strike.Way]) -> [FaultProxy] { ways.compactMap { proxies[$0] } }

    /// Ends everything that ``open(diskMegabytes:)`` started.
    func close() async {
        await supervisor.stop()
        await shop.close()
        for proxy in proxies.values { await proxy.close() }
        if let disk { await disk.remove(from: stack) }
        await stack.stop()
    }
}

/// Starts again whatever daemon dies, as systemd does, and remembers those that died of themselves.
actor Supervisor {
    private let shop: Shop
    private var keeping: Task<Void, Never>?
    private var failpoints: [Shop.Daemon: String] = [:]
    private var held: Set<Shop.Daemon> = []
    /// How daemons ended that nobody had killed, each with the end of its log.
    private(set) var unexpected: [String] = []

    init(_ shop: Shop) { self.shop = shop }

    /// Keeps the daemons until ``stop()``.
    func start() {
        keeping = Task {
            while !Task.isCancelled {
                for daemon in Shop.Daemon.allCases where !held.contains(daemon) {
                    await look(after: daemon)
                }
                await pause(.milliseconds(50))
            }
        }
    }

    func stop() async {
        keeping?.cancel()
        await keeping?.value
    }

    /// Has the daemon die or freeze at this failpoint in its next life.
    func arm(_ daemon: Shop.Daemon, _ failpoint: String) { failpoints[daemon] = failpoint }

    /// Leaves a daemon down, or starts it again.
    func hold(_ daemon: Shop.Daemon, _ holds: Bool) {
        if holds { held.insert(daemon) } else { held.remove(daemon) }
    }

    /// Notes what should not have happened.
    func report(_ line: String) { unexpected.append(line) }

    private func look(after daemon: Shop.Daemon) async {
        guard let process = try? shop.process(daemon), !process.isRunning else { return }
        // It has ended already: this only tells how.
        let end = await process.terminate()
        if end != .signalled(9), end != .exited(0) {
            unexpected.append("\(daemon.rawValue) ended, \(end): \(process.log.suffix(600))")
        }
        do {
            try await shop.launch(daemon, failpoint: failpoints.removeValue(forKey: daemon))
        } catch {
            unexpected.append("\(daemon.rawValue) could not be started: \(error)")
        }
    }
}

/// Lets time pass; less of it when the task is cancelled.
func pause(_ duration: Duration) async {
    _ = try? await poll(within: duration, every: min(duration, .milliseconds(100))) { false }
}
