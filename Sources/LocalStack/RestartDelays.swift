/// How long a process that died waits before it is started again: 0.2 s, doubling to 10 s, each
/// halved at most by chance so that several do not come back in step.
package struct RestartDelays: Sendable {
    private var deaths = 0
    static let first: Duration = .milliseconds(200)
    static let longest: Duration = .seconds(10)
    /// A process that lived this long is forgiven what it did before.
    static let forgiveness: Duration = .seconds(30)

    /// Nothing has died yet.
    package init() {}

    /// The wait after one more death.
    package mutating func next(
        afterLiving life: Duration, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if life >= Self.forgiveness { deaths = 0 }
        let full = min(Self.first * (1 << min(deaths, 10)), Self.longest)
        deaths += 1
        return full * Double.random(in: 0.5...1, using: &generator)
    }
}
