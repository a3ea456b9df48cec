package import Logging

/// Gives each log event to where this process logs: natively to systemd's journal where standard
/// error leads there, else as a line of JSON to standard error.
package struct ServiceLogHandler: LogHandler {
    /// Events below are not written.
    package var logLevel: Logger.Level
    /// Members of every entry.
    package var metadata: Logger.Metadata = [:]
    /// Asked for more members at every event.
    package var metadataProvider: Logger.MetadataProvider?

    private let service: String
    private let write: @Sendable (LogEntry) -> Void

    /// Logs to this process's journal or standard error.
    ///
    /// - Parameter service: the daemon's name, in every entry.
    package init(service: String, level: Logger.Level) {
        let journal = Journal.process
        self.init(
            service: service, level: level,
            entries: { entry in
                if journal?.write(entry) != true { StandardError.write(entry.jsonLine) }
            })
    }

    /// Logs lines of JSON.
    ///
    /// - Parameters:
    ///   - service: the daemon's name, in every line.
    ///   - lines: takes one line with its line feed.
    package init(
        service: String, level: Logger.Level, lines: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.init(service: service, level: level, entries: { lines($0.jsonLine) })
    }

    init(service: String, level: Logger.Level, entries: @escaping @Sendable (LogEntry) -> Void) {
        self.service = service
        logLevel = level
        write = entries
    }

    /// One member of ``metadata``.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one entry.
    package func log(event: LogEvent) {
        write(
            LogEntry(
                event, service: service, handler: metadata, provided: metadataProvider?.get()))
    }
}

/// Makes every logger of this process write to the journal or standard error. Call once, at start.
package func bootstrapLogging(service: String, level: Logger.Level) -> Logger {
    LoggingSystem.bootstrap { _ in ServiceLogHandler(service: service, level: level) }
    return Logger(label: service)
}
