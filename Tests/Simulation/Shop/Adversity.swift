import TestDoubles

/// How bad a world is: which faults there are, and how often.
///
/// Each seed leaves some kinds out altogether and makes others frequent ("swarm testing"): faults
/// that are all there all the time hide each other's effects.
package struct Adversity: Sendable {
    // Kinds that strike single calls, per mille.
    var refusedCalls = 0
    var conflicts = 0
    var lostAnswers = 0
    var cutPublishes = 0
    var lostConfirms = 0
    var refusals = 0
    var duplicates = 0
    var reorderings = 0
    var lateCopies = 0

    // Kinds that strike a daemon or a server: so many times in a run.
    var kills = 0
    var stops = 0
    var freezes = 0
    var databaseOutages = 0
    var brokerOutages = 0
    var brokerRestarts = 0
    var alarms = 0
    var poison = 0
    var purges = 0
    var deletions = 0

    /// Daemons of each service.
    var instances = 1
    /// The slowest a message between two machines may be, in microseconds.
    var slowestHop = 1_000
    /// Whether the daemons' wall clocks are up to an hour wrong.
    var isClockSkewed = false

    /// A peaceful world.
    package init() {}

    /// The world that belongs to a seed.
    package init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0xADE5_17F0)
        func some(_ most: Int) -> Int {
            Bool.random(using: &generator) ? Int.random(in: 1...most, using: &generator) : 0
        }
        refusedCalls = some(50)
        conflicts = some(50)
        lostAnswers = some(50)
        cutPublishes = some(100)
        lostConfirms = some(100)
        refusals = some(30)
        duplicates = some(200)
        reorderings = some(300)
        lateCopies = some(100)
        kills = some(12)
        stops = some(8)
        freezes = some(5)
        databaseOutages = some(3)
        brokerOutages = some(3)
        brokerRestarts = some(5)
        alarms = some(2)
        poison = some(20)
        purges = some(6)
        deletions = some(4)
        instances = Int.random(in: 1...3, using: &generator)
        slowestHop = [200, 2_000, 50_000].randomElement(using: &generator) ?? 200
        isClockSkewed = Bool.random(using: &generator)
    }

    /// How long the next message between two machines takes.
    func latency(_ world: World) -> Duration {
        .microseconds(50 + world.number(below: slowestHop))
    }
}
