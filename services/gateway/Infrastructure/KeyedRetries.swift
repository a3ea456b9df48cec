import HTTPTypes
import ServiceHost

/// When a request may go out once more.
///
/// One that changes something goes out again only under an `Idempotency-Key`, with which the
/// service does it once however often it comes.
enum KeyedRetries {
    /// Further tries after the first.
    static let limit = 2
    /// Before the second try; half of a pause is chance.
    static let firstPause: Duration = .milliseconds(200)
    /// What each pause is longer than the one before.
    static let growth = 4

    /// The pause before another try; nil where there is to be none.
    ///
    /// - Parameter tries: how often it went out.
    static func pause(
        after fault: UpstreamFault, _ request: UpstreamRequest, tries: Int
    ) -> Duration? {
        switch (request.method, fault.kind) {
        case (.get, .broken), (.head, .broken):
            // A kept connection may have been closed while it lay idle: no reason to wait.
            return tries == 1 ? .zero : nil
        case (.post, .broken), (.post, .unavailable):
            guard request.headers[.idempotencyKey] != nil, tries <= limit else { return nil }
            let pause = (1..<tries).reduce(firstPause) { pause, _ in pause * growth }
            return pause * Double.random(in: 0.5...1)
        default: return nil
        }
    }
}
