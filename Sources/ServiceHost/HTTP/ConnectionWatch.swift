/// What a connection waits for and since when. Pure: it is told the time and says what to do.
struct ConnectionWatch {
    typealias Instant = ContinuousClock.Instant

    enum Verdict: Equatable {
        case fine
        case headTooSlow
        case bodyTooSlow
        case close
    }

    private let limits: HTTPServer.Limits
    /// When the connection closes unless a request comes first.
    private(set) var closesUnlessAsked: Instant?
    /// When something last came or was answered, if ever.
    private var idleSince: Instant?
    private var headSince: Instant?
    private var bodySince: Instant?
    private var answerSince: Instant?
    private(set) var answersDue = 0
    private var isInRequest = false
    /// Whether the reading that is under way gave any part of a request.
    private var gavePart = false
    private var sent: (bytes: Int, since: Instant)?

    /// How long a connection beyond the limit has to ask for the daemon's health.
    private static let patience = Duration.seconds(2)

    init(_ limits: HTTPServer.Limits) { self.limits = limits }

    /// How often to look: late by a quarter of the shortest deadline at most. Besides, there is
    /// something to look at ``closesUnlessAsked``.
    var tick: Duration {
        let shortest = min(
            limits.headDeadline, limits.bodyDeadline, limits.writeDeadline,
            limits.exchangeDeadline, limits.idleTimeout)
        return max(shortest / 4, .milliseconds(5))
    }

    mutating func opened(isWithinLimit: Bool, at now: Instant) {
        idleSince = now
        if !isWithinLimit { closesUnlessAsked = now + Self.patience }
    }

    /// The door closes: a connection that lies idle is closed unless it brings a request soon.
    mutating func drains(at now: Instant) {
        if answersDue == 0 { closesUnlessAsked = now + limits.drainGrace }
    }

    mutating func headEnded(at now: Instant) {
        gavePart = true
        headSince = nil
        isInRequest = true
        bodySince = now
        if answersDue == 0 { answerSince = now }
        answersDue += 1
        closesUnlessAsked = nil
    }

    mutating func bodyCame() { gavePart = true }

    mutating func requestEnded() {
        gavePart = true
        isInRequest = false
        bodySince = nil
    }

    /// Bytes were read. Such that gave no part, between two requests, begin a head.
    mutating func bytesCame(at now: Instant) {
        defer { gavePart = false }
        idleSince = now
        if !gavePart, !isInRequest, headSince == nil { headSince = now }
    }

    mutating func answered(at now: Instant) {
        answersDue = max(0, answersDue - 1)
        answerSince = answersDue > 0 ? now : nil
        idleSince = now
    }

    /// - Parameters:
    ///   - written: bytes of answers that were handed to the connection in all.
    ///   - waiting: bytes of them that its peer has not taken.
    mutating func verdict(at now: Instant, written: Int, waiting: Int) -> Verdict {
        if let closesUnlessAsked, now >= closesUnlessAsked { return .close }
        if let headSince, now - headSince >= limits.headDeadline {
            self.headSince = nil
            return .headTooSlow
        }
        if let bodySince, now - bodySince >= limits.bodyDeadline {
            self.bodySince = nil
            return .bodyTooSlow
        }
        if let answerSince, now - answerSince >= limits.exchangeDeadline { return .close }
        if answersDue == 0, let idleSince, now - idleSince >= limits.idleTimeout { return .close }
        return isTaken(written - waiting, waiting, now) ? .fine : .close
    }

    /// False where the peer has taken nothing for as long as it may.
    private mutating func isTaken(_ taken: Int, _ waiting: Int, _ now: Instant) -> Bool {
        guard waiting > 0 else {
            sent = nil
            return true
        }
        if let sent, taken <= sent.bytes {
            return now - sent.since < limits.writeDeadline
        }
        sent = (taken, now)
        return true
    }
}
