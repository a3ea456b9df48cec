/// The end of a log file.
package enum LogTail {
    /// The last line that tells why: an error when the last lines hold one, else the very last; cut
    /// to 300 characters. `nil` when the log is empty or missing.
    package static func lastLine(of path: String) -> String? {
        Disk.read(path).flatMap { lastLine(in: $0) }
    }

    static func lastLine(in text: String) -> String? {
        let lines = text.split(whereSeparator: \.isNewline).suffix(20)
            .filter { line in line.contains { $0.isLetter } }
        let telling = lines.last { line in
            ["FATAL", "PANIC", "ERROR", "[error]", "\"error\"", "critical"].contains {
                line.contains($0)
            }
        }
        return (telling ?? lines.last).map { String($0.prefix(300)) }
    }
}
