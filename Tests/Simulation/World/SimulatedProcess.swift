/// One life of a daemon, or a server: the executor of all its tasks.
///
/// It can be killed between any two steps, as `kill -9` does: nothing of it ever runs again, no
/// clean-up, no cancellation. What its tasks held stays held, in memory that nobody looks at.
///
/// Unchecked for the reason that ``World`` has.
final class SimulatedProcess: TaskExecutor, @unchecked Sendable {
    let name: String
    /// Tells processes apart in the trace's sum.
    let number: Int
    private(set) var isAlive = true
    private(set) var steps = 0
    private unowned let world: World
    /// What it would do, were it not frozen; nil while it runs.
    private var held: [UnownedJob]?
    /// The step before which it is killed; for sweeps over all of them.
    var lastStep = Int.max
    /// Told when ``lastStep`` is reached.
    var onLastStep: () -> Void = {}

    init(_ name: String, number: Int, in world: World) {
        self.name = name
        self.number = number
        self.world = world
    }

    var isFrozen: Bool { held != nil }

    func enqueue(_ job: consuming ExecutorJob) {
        guard isAlive else { return }
        let job = UnownedJob(job)
        if held == nil { world.soon(job, of: self) } else { held?.append(job) }
    }

    /// Takes a task up to its next await.
    func run(_ job: UnownedJob) {
        if steps == lastStep { onLastStep() }
        guard isAlive else { return }
        steps += 1
        job.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Begins a task of this process.
    @discardableResult
    func start(_ work: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task(executorPreference: self) { await work() }
    }

    func kill() {
        isAlive = false
        held = nil
        _ = world.takeSteps(of: self)
    }

    /// Stops it in its tracks, as SIGSTOP does.
    func freeze() {
        guard held == nil else { return }
        held = world.takeSteps(of: self)
    }

    /// Lets it go on as if nothing had been.
    func thaw() {
        let steps = held ?? []
        held = nil
        guard isAlive else { return }
        for step in steps { world.soon(step, of: self) }
    }
}
