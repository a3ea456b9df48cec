/// What the operator, the command line or the configuration chose.
package struct Settings: Sendable {
    /// Colours for which background.
    package enum Theme: String, Hashable, Sendable, CaseIterable { case dark, light, mono }
    /// The characters that the screen draws with; those of the data are the data's.
    package enum Glyphs: String, Hashable, Sendable, CaseIterable { case utf8, ascii }

    /// The gateway's address, for the header.
    package var gateway: String
    /// No form opens and nothing is sent but questions.
    package var isReadOnly: Bool
    package var theme: Theme
    package var glyphs: Glyphs
    /// Whether the terminal's encoding is UTF-8; where not, letters beyond ASCII are escaped and
    /// the glyphs are ASCII's, whatever was chosen.
    package var isUTF8 = true
    /// Whether the terminal reports the mouse; off leaves selecting text to the terminal.
    package var hasMouse: Bool
    /// Milliseconds between polls, one of ``intervals``.
    package var interval: Int64

    /// Poll intervals that `+` and `-` step through, in milliseconds.
    package static let intervals: [Int64] = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000]

    /// - Parameters: as the properties.
    package init(
        gateway: String, isReadOnly: Bool = false, theme: Theme = .dark, glyphs: Glyphs = .utf8,
        hasMouse: Bool = true, interval: Int64 = 1_000
    ) {
        self.gateway = gateway
        self.isReadOnly = isReadOnly
        self.theme = theme
        self.glyphs = glyphs
        self.hasMouse = hasMouse
        self.interval = interval
    }
}
