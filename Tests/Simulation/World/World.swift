import TestDoubles

/// A world of its own: virtual time, one thread, and a seed that chooses what happens next.
///
/// Whatever can happen now, a task's next step or an event of the world, waits in one place, and
/// the seed draws from it; time moves when nothing can happen now. So the same seed gives the same
/// run, step by step, and another seed another interleaving.
///
/// Unchecked: all of it, its processes and servers included, is touched by one thread only, the one
/// in ``run(until:)``. That is what makes it repeatable.
final class World: @unchecked Sendable {
    typealias Event = () -> Void

    private enum Step {
        case task(UnownedJob, SimulatedProcess)
        case event(Event)
    }

    /// A run that takes more steps than this without an end goes round in circles.
    private let stepLimit: Int
    private var generator: SeededGenerator
    private var ready: [Step] = []
    private var agenda = Agenda()
    /// Microseconds since the world began.
    private(set) var now: Int64 = 0
    private(set) var steps = 0
    private(set) var violation: Violation?
    let trace = Trace()

    init(seed: UInt64, stepLimit: Int) {
        generator = SeededGenerator(seed: seed)
        self.stepLimit = stepLimit
    }

    // MARK: What happens

    /// Has `event` happen as soon as the seed chooses.
    func soon(_ event: @escaping Event) { ready.append(.event(event)) }

    /// Has `event` happen when so much time has passed.
    func after(_ delay: Duration, _ event: @escaping Event) {
        agenda.add(event, at: now + delay.wholeMicroseconds)
    }

    /// A task of `process` can go on.
    func soon(_ job: UnownedJob, of process: SimulatedProcess) {
        ready.append(.task(job, process))
    }

    /// Takes out the steps of a process that can take none; in the order in which they became
    /// possible.
    func takeSteps(of process: SimulatedProcess) -> [UnownedJob] {
        var taken: [UnownedJob] = []
        ready.removeAll { step in
            guard case .task(let job, let owner) = step, owner === process else { return false }
            taken.append(job)
            return true
        }
        return taken
    }

    /// Ends the run: a promise is broken.
    func fail(_ invariant: String, _ details: String) {
        guard violation == nil else { return }
        violation = Violation(invariant: invariant, details: details, step: steps, at: now)
    }

    /// Runs until `isOver`, a broken promise, or there is nothing left that could happen.
    func run(until isOver: () -> Bool) {
        while violation == nil, !isOver() {
            guard steps < stepLimit else {
                return fail("an end", "still busy after \(stepLimit) steps")
            }
            if ready.isEmpty, !passTime() { return }
            let choice = number(below: ready.count)
            ready.swapAt(choice, ready.count - 1)
            steps += 1
            switch ready.removeLast() {
            case .event(let event):
                trace.mix(UInt64(choice))
                event()
            case .task(let job, let process):
                trace.mix(UInt64(choice) << 8 | UInt64(process.number))
                process.run(job)
            }
        }
    }

    private func passTime() -> Bool {
        guard let (due, first) = agenda.next() else { return false }
        now = max(now, due)
        trace.mix(UInt64(now))
        ready.append(.event(first))
        while let another = agenda.next(dueBy: now) { ready.append(.event(another)) }
        return true
    }

    // MARK: Chance

    /// The next 64 random bits.
    func bits() -> UInt64 { generator.next() }

    /// From 0 up to 1.
    func fraction() -> Double { Double(bits() >> 11) / Double(1 << 53) }

    /// From 0 up to, not including, `bound`, which is 1 or more.
    func number(below bound: Int) -> Int { Int(bits() % UInt64(bound)) }

    /// True so many times in a thousand.
    func chance(_ perMille: Int) -> Bool { perMille > 0 && number(below: 1_000) < perMille }

    /// A duration between the two.
    func duration(_ least: Duration, _ most: Duration) -> Duration {
        let span = most.wholeMicroseconds - least.wholeMicroseconds
        return least + .microseconds(number(below: Int(span) + 1))
    }
}

/// A promise that was broken, and where.
package struct Violation: Sendable {
    /// The promise.
    package let invariant: String
    /// What shows that it is broken.
    package let details: String
    /// The scheduler's step at which it was seen.
    package let step: Int
    /// Virtual microseconds since the world began.
    package let at: Int64
}

extension Duration {
    /// Rounded towards zero.
    var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
