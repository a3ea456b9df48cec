import AMQP
import Logging
import Synchronization

/// Keeps what was logged, so that a test can ask what an operator would have read.
final class RabbitLog: LogHandler, Sendable {
    private let kept = Mutex<[String]>([])

    /// A logger that writes here.
    var logger: Logger { Logger(label: "test") { _ in self } }

    /// Every line so far: level, message and metadata.
    var lines: [String] { kept.withLock { $0 } }

    func log(event: LogEvent) {
        let details = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        let line = "\(event.level) \(event.message) \(details.joined(separator: " "))"
        kept.withLock { $0.append(line) }
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
}

extension AMQPLimits {
    /// Deadlines that a busy machine does not miss; tests of deadlines set their own.
    static var patient: AMQPLimits {
        var limits = AMQPLimits()
        limits.connect = .seconds(60)
        limits.request = .seconds(60)
        limits.confirm = .seconds(60)
        return limits
    }
}
