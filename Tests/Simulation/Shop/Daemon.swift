import Messaging
import SharedKernel

/// What runs in one process of a service, from the real parts.
struct DaemonParts {
    /// Each runs until its task is cancelled.
    let loops: [@Sendable () async -> Void]
    let subscriptions: [SimulatedSubscription]
    /// Takes a customer's request; nil where the service has none of that kind.
    var door: Door = Door()

    /// What a customer can ask of a daemon.
    struct Door {
        var placeOrder: (@Sendable (Purchase) async throws -> OrderID?)?
        /// Tells whether the money was booked.
        var deposit: (@Sendable (Payment) async throws -> Bool)?
    }
}

/// A daemon on its machine: it lives, dies and is started again.
///
/// Unchecked for the reason that ``World`` has.
final class Daemon: @unchecked Sendable {
    typealias Start = (SimulatedProcess) -> DaemonParts

    let name: String
    private let number: Int
    private let world: World
    private let database: SimulatedDatabase
    private let broker: SimulatedBroker
    private let parts: Start
    private var tasks: [Task<Void, Never>] = []
    private var subscriptions: [SimulatedSubscription] = []
    private var running = 0
    private var isStopping = false
    /// The life it lives now; nil between two.
    private(set) var process: SimulatedProcess?
    private(set) var door = DaemonParts.Door()
    /// Kills the next life before its n-th step; for sweeps.
    var fatalStep: Int?

    /// After which whoever supervises it loses patience with a stop.
    private static let stopLimit: Duration = .seconds(30)

    init(
        _ name: String, number: Int, in world: World, database: SimulatedDatabase,
        broker: SimulatedBroker, _ parts: @escaping Start
    ) {
        self.name = name
        self.number = number
        self.world = world
        self.database = database
        self.broker = broker
        self.parts = parts
    }

    func start() {
        guard process == nil else { return }
        let process = SimulatedProcess(name, number: number, in: world)
        if let fatalStep {
            process.lastStep = fatalStep
            process.onLastStep = { [self] in kill() }
            self.fatalStep = nil
        }
        self.process = process
        isStopping = false
        world.trace.note(world, name, "starts")
        let parts = parts(process)
        door = parts.door
        subscriptions = parts.subscriptions
        running = parts.loops.count
        tasks = parts.loops.map { loop in
            process.start { [self] in
                await loop()
                ended()
            }
        }
    }

    /// SIGKILL: nothing of it runs again; the kernel closes its connections a moment later.
    func kill() {
        guard let process else { return }
        world.trace.note(world, name, "is killed")
        bury(process)
    }

    /// SIGTERM: its loops are cancelled and may finish what they have begun.
    func stop() {
        guard let process, !isStopping else { return }
        world.trace.note(world, name, "is told to stop")
        isStopping = true
        for task in tasks { task.cancel() }
        world.after(Self.stopLimit) { [self] in
            guard self.process === process else { return }
            world.trace.note(world, name, "did not stop in time")
            kill()
        }
    }

    /// SIGSTOP, and SIGCONT when so much time has passed. The servers take it for dead after some
    /// seconds without a heartbeat.
    func freeze(for duration: Duration) {
        guard let process, !process.isFrozen else { return }
        world.trace.note(world, name, "freezes")
        process.freeze()
        if duration > .seconds(20) {
            world.after(.seconds(20)) { [self] in broker.disconnect(process) }
        }
        world.after(duration) { [self] in
            world.trace.note(world, name, "thaws")
            process.thaw()
        }
    }

    private func ended() {
        running -= 1
        guard running == 0, let process else { return }
        world.trace.note(world, name, isStopping ? "has stopped" : "has ended")
        for subscription in subscriptions { subscription.close() }
        bury(process)
    }

    private func bury(_ process: SimulatedProcess) {
        process.kill()
        self.process = nil
        door = DaemonParts.Door()
        world.after(world.duration(.zero, .milliseconds(20))) { [self] in
            database.disconnect(process)
            broker.disconnect(process)
        }
        world.after(world.duration(.milliseconds(50), .seconds(3))) { [self] in start() }
    }
}
