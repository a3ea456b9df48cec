import Glibc
import JSON

/// Writes a line to stdout at once; a reader that went away ends the program in silence.
func say(_ line: String, end: String = "\n") {
    guard write(line + end, to: STDOUT_FILENO) else { exit(errno == EPIPE ? 0 : 74) }
}

/// Writes a line to stderr, marked as kassa's.
func complain(_ line: String) {
    _ = write(
        "kassa: \(line.split(whereSeparator: \.isNewline).joined(separator: " "))\n",
        to: STDERR_FILENO)
}

/// Writes a line to stderr that goes with what stdout says.
func remark(_ line: String, end: String = "\n") { _ = write(line + end, to: STDERR_FILENO) }

private func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)[...]
        while !rest.isEmpty {
            let count = Glibc.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

extension JSONValue {
    /// The value over several lines, two spaces a level; empty arrays and objects stay on one.
    func indented(_ level: Int = 0) -> String {
        let pad = String(repeating: "  ", count: level + 1)
        let end = "\n" + String(repeating: "  ", count: level)
        switch self {
        case .array(let elements) where !elements.isEmpty:
            return "[\n" + elements.map { pad + $0.indented(level + 1) }.joined(separator: ",\n")
                + end + "]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map {
                "\(pad)\(JSONValue.string($0.name).text): \($0.value.indented(level + 1))"
            }
            return "{\n" + lines.joined(separator: ",\n") + end + "}"
        default: return text
        }
    }
}
