/// How long whoever comes now would wait for his turn. Pure: it is told the time.
///
/// Work that cannot be begun in time is better refused at once: it would wait, fail in the end, and
/// make all behind it wait as long.
struct WaitEstimate {
    typealias Instant = ContinuousClock.Instant

    /// A turn's usual length; the latest count most.
    private var average: Duration = .zero
    private var lastProgress: Instant

    init(at now: Instant) { lastProgress = now }

    /// Somebody's turn begins: the queue moves.
    mutating func began(at now: Instant) { lastProgress = now }

    /// A turn has ended.
    mutating func ended(after turn: Duration, at now: Instant) {
        average = average == .zero ? turn : (average * 7 + turn) / 8
        lastProgress = now
    }

    /// What a wait over so many turns comes to. A queue that has stood still for longer than that
    /// is expected to stand still for as long again.
    func wait(turns: Double, at now: Instant) -> Duration {
        max(average * turns, now - lastProgress)
    }
}
