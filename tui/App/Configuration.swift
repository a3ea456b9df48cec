import JSON
import KassaModel

/// The configuration file: `config.json`, one object, every member optional.
struct Configuration: Equatable {
    var gateway: String?
    var tokenFile: String?
    var caFile: String?
    /// Milliseconds.
    var interval: Int64?
    var theme: Settings.Theme?
    var ascii: Bool?
    var mouse: Bool?
    var readonly: Bool?

    static let fileName = "config.json"

    /// - Throws: ``Complaint`` naming the member that is wrong or unknown: a misspelt one that is
    ///   passed over would be an operator's riddle.
    init(parsing bytes: [UInt8]) throws(Complaint) {
        let json: JSONValue
        do {
            json = try JSONValue(parsing: bytes)
        } catch {
            throw Self.complaint("is no JSON (byte \(error.offset): \(error.reason))")
        }
        guard case .object(let members) = json else { throw Self.complaint("is no JSON object") }
        for member in members { try take(member) }
    }

    init() {}

    /// The file of this operator; defaults where there is none.
    static func load(_ folders: Folders) throws(Complaint) -> Configuration {
        guard let folder = folders.configuration else { return Configuration() }
        let path = "\(folder)/\(fileName)"
        let bytes: [UInt8]
        do {
            bytes = try TextFile.read(path)
        } catch {
            if error.isMissing { return Configuration() }
            throw Complaint("cannot read \(path): \(error.reason)", .badSettings)
        }
        do {
            return try Configuration(parsing: bytes)
        } catch {
            throw Complaint("\(path) \(error.message)", .badSettings)
        }
    }

    private mutating func take(_ member: JSONValue.Member) throws(Complaint) {
        switch (member.name, member.value) {
        case ("gateway", .string(let text)): gateway = text
        case ("token_file", .string(let text)): tokenFile = text
        case ("ca_file", .string(let text)): caFile = text
        case ("interval", .number(let digits)):
            interval = try Self.read(Interval(argument: digits)?.milliseconds, member.name)
        case ("theme", .string(let text)):
            theme = try Self.read(Settings.Theme(rawValue: text), member.name)
        case ("ascii", .boolean(let value)): ascii = value
        case ("mouse", .boolean(let value)): mouse = value
        case ("readonly", .boolean(let value)): readonly = value
        case ("gateway", _), ("token_file", _), ("ca_file", _), ("interval", _), ("theme", _),
            ("ascii", _), ("mouse", _), ("readonly", _):
            throw Self.complaint("has a wrong value for '\(member.name)'")
        default:
            throw Self.complaint(
                "has an unknown member: gateway, token_file, ca_file, interval, theme, ascii, "
                    + "mouse and readonly are known")
        }
    }

    private static func read<Value>(_ value: Value?, _ name: String) throws(Complaint) -> Value {
        guard let value else { throw complaint("has a wrong value for '\(name)'") }
        return value
    }

    private static func complaint(_ message: String) -> Complaint {
        Complaint(message, .badSettings)
    }
}
