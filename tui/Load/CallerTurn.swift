import NIOCore

/// What one client does next: wait until an order is due, send it, wait for its answer. It decides;
/// the handler of the client's connection acts.
struct CallerTurn {
    enum Step: Equatable {
        case send(order: Int)
        /// To ask again when an order is due.
        case wait(until: ContinuousClock.Instant)
        /// To ask again after so long.
        case pause(TimeAmount)
        /// There is nothing to send any more.
        case leave
    }

    /// How many ticks a ``LoadPlan/deadline`` has; the answer is given up between one and one and
    /// a tenth deadlines after its order was sent.
    static let ticks = 10
    /// How long a client may lie idle: well below the minute after which the gateway ends its
    /// connection, perhaps in the moment in which an order goes out on it.
    private static let longestRest = Duration.seconds(30)

    private let arrivals: Arrivals
    private let tally: LoadTally
    private let isOpenLoop: Bool
    private let ticksOfRest: Int
    /// When the order under way was due, and was sent.
    private var underWay: (due: ContinuousClock.Instant, sent: ContinuousClock.Instant)?
    /// Ticks since the order under way was sent, or the last one answered.
    private var age = 0
    /// A client that is refused comes back later; in an open loop the schedule says when.
    private var isRefused = false

    init(_ plan: LoadPlan, _ arrivals: Arrivals, _ tally: LoadTally) {
        self.arrivals = arrivals
        self.tally = tally
        isOpenLoop = plan.rate != nil
        // Not all of those that had nothing to do at the same time.
        let rest = Self.longestRest / plan.tickDuration * .random(in: 0.5...1)
        ticksOfRest = max(1, Int(rest))
    }

    /// Whether an order was sent and not answered.
    var isUnderWay: Bool { underWay != nil }

    /// Whether the client has had nothing to do for so long that a new connection is safer.
    var hasRestedLong: Bool { underWay == nil && age >= ticksOfRest }

    /// - Precondition: no order is under way.
    mutating func next(at now: ContinuousClock.Instant) -> Step {
        if isRefused {
            isRefused = false
            return .pause(.milliseconds(.random(in: 50...150)))
        }
        switch arrivals.take(at: now) {
        case .over: return .leave
        case .wait(let due): return .wait(until: due)
        case .order(let order, let due):
            underWay = (due, now)
            age = 0
            tally.send()
            return .send(order: order)
        }
    }

    mutating func answered(_ reply: OrderReply, at now: ContinuousClock.Instant) {
        guard let (due, sent) = underWay else { return }
        tally.note(reply, due: due, sent: sent, at: now)
        if case .refused = reply { isRefused = !isOpenLoop }
        underWay = nil
        age = 0
    }

    /// The answer does not come any more.
    mutating func giveUp() {
        if underWay != nil { tally.noteUnanswered() }
        underWay = nil
        age = 0
    }

    /// Called ``ticks`` times in each deadline.
    ///
    /// - Returns: whether the order under way has waited for longer than that.
    mutating func tick() -> Bool {
        age += 1
        return underWay != nil && age > Self.ticks
    }
}

extension LoadPlan {
    /// The time between two calls of ``CallerTurn/tick()``.
    var tick: TimeAmount { .nanoseconds(Int64(tickDuration / .nanoseconds(1))) }

    fileprivate var tickDuration: Duration { deadline / CallerTurn.ticks }
}
