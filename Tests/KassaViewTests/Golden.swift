import Foundation
import KassaModel
import KassaView
import Testing

/// Frames that were looked at once and must not change unseen.
///
/// `KASSA_RECORD_GOLDENS=1 swift test --filter KassaViewTests` writes them anew; read the diff.
enum Golden {
    static let isRecording = ProcessInfo.processInfo.environment["KASSA_RECORD_GOLDENS"] == "1"

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("goldens")

    /// Holds a frame against the file of this name.
    static func check(
        _ frame: Frame, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appendingPathComponent("\(name).txt")
        let picture = text(of: frame)
        if isRecording {
            try picture.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let golden = try? String(contentsOf: file, encoding: .utf8)
        guard golden != picture else { return }
        let (old, new) = (lines(golden ?? ""), lines(picture))
        let place = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }
        let line = place?.offset ?? min(old.count, new.count)
        let was = line < old.count ? old[line] : "nothing"
        let isNow = line < new.count ? new[line] : "nothing"
        Issue.record(
            "\(name) differs in line \(line + 1):\n  was \(was)\n  is  \(isNow)",
            sourceLocation: sourceLocation)
    }

    private static func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The characters, then each run of a style that is not the plain one.
    static func text(of frame: Frame) -> String {
        var text = frame.text + "--\n"
        for row in 0..<frame.size.rows {
            var runs: [(first: Int, last: Int, style: Style)] = []
            for (column, cell) in frame.row(row).enumerated() {
                if let last = runs.last, last.style == cell.style {
                    runs[runs.count - 1].last = column
                } else {
                    runs.append((column, column, cell.style))
                }
            }
            let shown = runs.filter { $0.style != .plain }
                .map { "\($0.first)-\($0.last) \(name(of: $0.style))" }
            if !shown.isEmpty { text += "\(row): \(shown.joined(separator: "; "))\n" }
        }
        if let cursor = frame.cursor { text += "cursor \(cursor.column),\(cursor.row)\n" }
        return text
    }

    private static func name(of style: Style) -> String {
        var words: [String] = []
        if style.foreground != .standard { words.append("f\(style.foreground.index)") }
        if style.background != .standard { words.append("b\(style.background.index)") }
        if style.attributes.contains(.bold) { words.append("bold") }
        if style.attributes.contains(.dim) { words.append("dim") }
        if style.attributes.contains(.underline) { words.append("underline") }
        if style.attributes.contains(.reverse) { words.append("reverse") }
        return words.joined(separator: " ")
    }
}
