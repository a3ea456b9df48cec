/// A colour by its number in the terminal's palette, or the terminal's own.
package struct Colour: Hashable, Sendable {
    /// 0 to 255; -1 for the terminal's own colour.
    package let index: Int16

    /// The colour of this number.
    package init(_ index: Int16) { self.index = index }

    /// What the terminal uses when nobody says anything.
    package static let standard = Colour(-1)
}

/// How a cell is drawn beyond its colour.
package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    /// The set with these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    package static let underline = Attributes(rawValue: 4)
    package static let reverse = Attributes(rawValue: 8)
}

/// The look of one cell.
package struct Style: Hashable, Sendable {
    package var foreground: Colour
    package var background: Colour
    package var attributes: Attributes

    /// A style of these parts; by default the terminal's own.
    package init(
        _ foreground: Colour = .standard, on background: Colour = .standard,
        _ attributes: Attributes = []
    ) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    package static let plain = Style()
}
