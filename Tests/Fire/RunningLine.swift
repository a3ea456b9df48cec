import Foundation
import Glibc
import Synchronization

/// Tells the person who waits how it goes: one line that is written over on a terminal, else a line
/// for each salvo.
final class RunningLine: Sendable {
    private let record: ClientRecord
    private let isTerminal = isatty(STDERR_FILENO) == 1

    init(_ record: ClientRecord) { self.record = record }

    /// What happens now.
    func show(_ what: String, at moment: Duration, of total: Duration) {
        let now = record.progress
        let line =
            "\(Int(moment / .seconds(1)))/\(Int(total / .seconds(1))) s  "
            + "\(now.acknowledged) acknowledged, \(now.open) open, \(now.unanswered) unanswered  "
            + what
        if isTerminal {
            write("\r\u{1B}[K\(line.prefix(150))")
        } else if what != "quiet" {
            write("fire: \(line)\n")
        }
    }

    /// A line that stays.
    func say(_ line: String) { write("\(isTerminal ? "\r\u{1B}[K" : "")fire: \(line)\n") }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
