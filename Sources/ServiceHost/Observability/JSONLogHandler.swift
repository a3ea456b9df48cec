import Glibc
import JSON
package import Logging
import SharedKernel
import Synchronization

/// Writes each log event as one line of JSON; controls are escaped, so no text can forge a line or
/// steer a terminal.
package struct JSONLogHandler: LogHandler {
    /// Events below are not written.
    package var logLevel: Logger.Level
    /// Members of every line.
    package var metadata: Logger.Metadata = [:]
    /// Asked for more members at every event.
    package var metadataProvider: Logger.MetadataProvider?

    private let service: String
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameters:
    ///   - service: the daemon's name, in every line.
    ///   - write: takes one line with its line feed; by default to standard error, whole lines at
    ///     once.
    package init(
        service: String, level: Logger.Level,
        write: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.writeToStandardError
    ) {
        self.service = service
        logLevel = level
        self.write = write
    }

    /// One member of ``metadata``.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line: `{"time","level","service","msg", …}`.
    package func log(event: LogEvent) {
        var members: [JSONValue.Member] = [
            .init("time", .string(Timestamp.now.description)),
            .init("level", .string(event.level.rawValue)), .init("service", .string(service)),
            .init("msg", .string(event.message.description)),
        ]
        let own = members.map(\.name)
        var extra = metadata
        if let provided = metadataProvider?.get() { extra.merge(provided) { $1 } }
        if let given = event.metadata { extra.merge(given) { $1 } }
        if let error = event.error { extra["error"] = "\(error)" }
        for (name, value) in extra.sorted(by: { $0.key < $1.key }) {
            members.append(.init(own.contains(name) ? "\(name)_" : name, Self.json(value)))
        }
        var line = JSONValue.object(members).encoded
        line.append(UInt8(ascii: "\n"))
        write(line)
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let values):
            .object(values.sorted { $0.key < $1.key }.map { .init($0.key, json($0.value)) })
        }
    }

    /// The default sink. A line that cannot be written is lost: logging never stops the service.
    package static let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
        standardError.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes {
                    Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
                }
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// Keeps lines longer than the kernel writes at once in one piece.
    private static let standardError = Mutex(())
}

/// Makes every logger of this process write JSON lines to standard error. Call once, at start.
package func bootstrapLogging(service: String, level: Logger.Level) -> Logger {
    LoggingSystem.bootstrap { _ in JSONLogHandler(service: service, level: level) }
    return Logger(label: service)
}
