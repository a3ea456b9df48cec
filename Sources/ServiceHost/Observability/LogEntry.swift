import JSON
import Logging
import SharedKernel

/// One log event with everything that belongs to it, before it takes a form.
struct LogEntry {
    let level: Logger.Level
    let service: String
    let message: String
    /// By name; in the order of names.
    let members: [JSONValue.Member]

    init(_ event: LogEvent, service: String, handler: Logger.Metadata, provided: Logger.Metadata?) {
        level = event.level
        self.service = service
        message = event.message.description
        var extra = handler
        if let provided { extra.merge(provided) { $1 } }
        if let given = event.metadata { extra.merge(given) { $1 } }
        if let error = event.error { extra["error"] = "\(error)" }
        members = extra.sorted { $0.key < $1.key }.map { .init($0.key, Self.json($0.value)) }
    }

    /// One line of JSON, `{"time","level","service","msg", …}`, with its line feed. Controls are
    /// escaped: no text can forge a line or steer a terminal.
    var jsonLine: [UInt8] {
        var all: [JSONValue.Member] = [
            .init("time", .string(Timestamp.now.description)),
            .init("level", .string(level.rawValue)), .init("service", .string(service)),
            .init("msg", .string(message)),
        ]
        let own = all.map(\.name)
        for member in members {
            all.append(
                .init(own.contains(member.name) ? "\(member.name)_" : member.name, member.value))
        }
        return JSONValue.object(all).encoded + [UInt8(ascii: "\n")]
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
}
