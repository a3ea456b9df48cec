import NIOCore

/// What one client does next: take an order, wait until it is due, send it, wait for its answer. It
/// decides; the handler of the client's connection acts.
struct CallerTurn {
    enum Step: Equatable {
        case send(order: Int)
        /// To ask again when the order is due.
        case wait(until: ContinuousClock.Instant)
        /// To ask again after so long.
        case pause(TimeAmount)
        /// There is nothing to send any more.
        case leave
    }

    /// How many ticks a ``LoadPlan/deadline`` has; the answer is given up between one and one and
    /// a tenth deadlines after its order was sent.
    static let ticks = 10

    private let arrivals: Arrivals
    private let tally: LoadTally
    private let isOpenLoop: Bool
    private var taken: (order: Int, due: ContinuousClock.Instant)?
    /// When the order under way was sent.
    private var sent: ContinuousClock.Instant?
    private var age = 0
    /// A client that is refused comes back later; in an open loop the schedule says when.
    private var isRefused = false

    init(_ plan: LoadPlan, _ arrivals: Arrivals, _ tally: LoadTally) {
        self.arrivals = arrivals
        self.tally = tally
        isOpenLoop = plan.rate != nil
    }

    /// Whether an order was sent and not answered.
    var isUnderWay: Bool { sent != nil }

    /// - Precondition: no order is under way.
    mutating func next(at now: ContinuousClock.Instant) -> Step {
        if isRefused {
            isRefused = false
            return .pause(.milliseconds(.random(in: 50...150)))
        }
        guard let (order, due) = taken ?? arrivals.take(at: now) else { return .leave }
        taken = (order, due)
        guard due <= now else { return .wait(until: due) }
        sent = now
        age = 0
        tally.send()
        return .send(order: order)
    }

    mutating func answered(_ reply: OrderReply, at now: ContinuousClock.Instant) {
        guard let due = taken?.due, let sent else { return }
        tally.note(reply, due: due, sent: sent, at: now)
        if case .refused = reply { isRefused = !isOpenLoop }
        taken = nil
        self.sent = nil
    }

    /// The answer does not come any more. An order that was taken and not sent stays unsent.
    mutating func giveUp() {
        if sent != nil { tally.noteUnanswered() }
        taken = nil
        sent = nil
    }

    /// Called ``ticks`` times in each deadline.
    ///
    /// - Returns: whether the order under way has waited for longer than that.
    mutating func tick() -> Bool {
        age += 1
        return sent != nil && age > Self.ticks
    }
}

extension LoadPlan {
    /// The time between two calls of ``CallerTurn/tick()``.
    var tick: TimeAmount {
        .nanoseconds(Int64(deadline / .nanoseconds(1)) / Int64(CallerTurn.ticks))
    }
}
