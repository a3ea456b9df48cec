/// What happened, newest last, at most ``limit`` lines.
package struct EventLog: Sendable {
    /// How much a line matters.
    package enum Level: Hashable, Sendable { case info, success, warning, error }

    /// One line.
    package struct Line: Hashable, Sendable {
        /// Wall clock, milliseconds since 1970.
        package let wall: Int64
        package let level: Level
        package let text: String
        /// How often it came in a row.
        package internal(set) var count = 1
    }

    /// The lines, oldest first.
    package private(set) var lines: [Line] = []
    /// Errors since the start, those no longer kept included.
    package private(set) var errors = 0
    /// Lines scrolled up from the newest.
    package var scroll = 0

    /// Lines kept.
    package static let limit = 500
    /// Characters of a line that are kept.
    static let lineLimit = 400

    mutating func add(_ level: Level, _ text: String, wall: Int64) {
        if level == .error { errors += 1 }
        let text = String(text.prefix(Self.lineLimit))
        if let last = lines.indices.last, lines[last].level == level, lines[last].text == text {
            lines[last].count += 1
            return
        }
        lines.append(Line(wall: wall, level: level, text: text))
        if lines.count > Self.limit { lines.removeFirst(lines.count - Self.limit) }
        if scroll > 0 { scroll = min(scroll + 1, lines.count - 1) }
    }
}
