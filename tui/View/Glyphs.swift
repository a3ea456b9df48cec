/// The signs that the screen draws with, beyond letters.
package struct Glyphs: Sendable {
    package let pending: String
    package let paid: String
    package let failed: String
    package let unknown: String
    package let paused: String
    package let ellipsis: Unicode.Scalar
    package let marker: String
    package let bullet: String
    package let dot: String
    package let up: String
    package let down: String
    package let open: String
    package let arrow: String
    package let corners: [Unicode.Scalar]
    package let horizontal: Unicode.Scalar
    package let vertical: Unicode.Scalar
    /// From nothing to full.
    package let bars: [Unicode.Scalar]

    /// For a terminal that shows UTF-8; every sign takes one column.
    package static let unicode = Glyphs(
        pending: "…", paid: "✓", failed: "✗", unknown: "?", paused: "‖", ellipsis: "…", marker: "▌",
        bullet: "●", dot: "·", up: "▲", down: "▾", open: "▾", arrow: "→",
        corners: ["┌", "┐", "└", "┘"], horizontal: "─", vertical: "│",
        bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"])

    /// For terminals and fonts that have no others, and for who likes them.
    package static let ascii = Glyphs(
        pending: ".", paid: "+", failed: "x", unknown: "?", paused: "=", ellipsis: "~", marker: ">",
        bullet: "*", dot: "-", up: "^", down: "v", open: "v", arrow: ">",
        corners: ["+", "+", "+", "+"], horizontal: "-", vertical: "|",
        bars: [" ", ".", ":", "-", "=", "+", "*", "%", "#"])
}
