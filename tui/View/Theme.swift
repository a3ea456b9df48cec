package import KassaModel

/// How many colours there are to draw with.
package enum ColourDepth: Int, Sendable, CaseIterable {
    case mono = 0
    case eight = 8
    case sixteen = 16
    case indexed = 256

    /// The depth for a terminal of so many colours; `NO_COLOR` asks for none.
    package init(colours: Int, isColourRefused: Bool = false) {
        switch isColourRefused ? 0 : colours {
        case 256...: self = .indexed
        case 16..<256: self = .sixteen
        case 8..<16: self = .eight
        default: self = .mono
        }
    }
}

/// What a style is for.
package enum Role: Int, Sendable, CaseIterable {
    case text, faint, strong, heading, border, focus, accent, field
    case pending, paid, failed, unknown, warning
}

/// Colours and signs: what every drawing function asks instead of choosing itself.
///
/// Colour only ever repeats what a glyph and a word say already.
package struct Theme: Sendable {
    package let depth: ColourDepth
    package let glyphs: Glyphs
    /// Whether nothing but ASCII may be drawn, data included.
    let isASCII: Bool
    private let isLight: Bool

    /// A theme for what the operator chose and the terminal can do.
    package init(
        _ theme: Settings.Theme, depth: ColourDepth, glyphs: Settings.Glyphs, isUTF8: Bool = true
    ) {
        self.depth = theme == .mono ? .mono : depth
        self.glyphs = glyphs == .ascii || !isUTF8 ? .ascii : .unicode
        isASCII = !isUTF8
        isLight = theme == .light
    }

    /// The style of a role.
    package func callAsFunction(_ role: Role) -> Style {
        switch depth {
        case .mono: mono(role)
        case .eight: isLight ? eightLight(role) : eightDark(role)
        case .sixteen: isLight ? sixteenLight(role) : sixteenDark(role)
        case .indexed: isLight ? indexedLight(role) : indexedDark(role)
        }
    }

    /// The style of a status.
    package func callAsFunction(status: OrderStatus) -> Style { self(role(of: status)) }

    /// The role of a status.
    package func role(of status: OrderStatus) -> Role {
        switch status {
        case .pending: .pending
        case .paid: .paid
        case .failed: .failed
        case .unknown: .unknown
        }
    }

    /// The sign of a status.
    package func sign(of status: OrderStatus) -> String {
        switch status {
        case .pending: glyphs.pending
        case .paid: glyphs.paid
        case .failed: glyphs.failed
        case .unknown: glyphs.unknown
        }
    }

    /// What is drawn, as the selected row; out of focus it is quieter.
    package func selected(_ style: Style, inFocus: Bool) -> Style {
        var style = style
        if depth == .indexed {
            style.background = Colour(isLight ? (inFocus ? 252 : 255) : (inFocus ? 238 : 235))
            if inFocus { style.attributes.insert(.bold) }
        } else if inFocus {
            style.attributes.insert(.reverse)
            style.attributes.remove(.dim)
        } else {
            style.attributes.insert(.underline)
        }
        return style
    }

    /// What is drawn, as data that is no longer fresh.
    package func stale(_ style: Style) -> Style {
        var style = style
        style.attributes.remove(.bold)
        switch depth {
        case .indexed: style.foreground = Colour(isLight ? 248 : 242)
        case .sixteen: style.foreground = Colour(8)
        case .eight, .mono: style.attributes.insert(.dim)
        }
        return style
    }

    /// What is drawn, as something that changed a moment ago.
    package func fresh(_ style: Style) -> Style {
        var style = style
        style.attributes.insert([.bold, .reverse])
        return style
    }
}

extension Theme {
    private func mono(_ role: Role) -> Style {
        switch role {
        case .text, .border, .pending, .paid: .plain
        case .faint: Style([.dim])
        case .strong, .heading, .accent, .focus, .failed: Style([.bold])
        case .field, .unknown, .warning: Style([.underline])
        }
    }

    private func eightDark(_ role: Role) -> Style {
        switch role {
        case .pending, .warning: Style(Colour(3))
        case .paid: Style(Colour(2))
        case .failed: Style(Colour(1), [.bold])
        case .unknown: Style(Colour(5))
        case .focus, .accent: Style(Colour(6), [.bold])
        default: mono(role)
        }
    }

    private func eightLight(_ role: Role) -> Style {
        switch role {
        case .pending: Style(Colour(4))
        case .warning: Style(Colour(5))
        case .focus, .accent: Style(Colour(4), [.bold])
        default: eightDark(role)
        }
    }

    private func sixteenDark(_ role: Role) -> Style {
        switch role {
        case .faint, .border: Style(Colour(8))
        case .pending, .warning: Style(Colour(11))
        case .paid: Style(Colour(10))
        case .failed: Style(Colour(9), [.bold])
        case .unknown: Style(Colour(13))
        case .focus, .accent: Style(Colour(14))
        default: mono(role)
        }
    }

    private func sixteenLight(_ role: Role) -> Style {
        switch role {
        case .faint, .border: Style(Colour(8))
        default: eightLight(role)
        }
    }

    private func indexedDark(_ role: Role) -> Style {
        switch role {
        case .text: .plain
        case .faint: Style(Colour(245))
        case .strong, .heading: Style([.bold])
        case .border: Style(Colour(240))
        case .focus, .accent: Style(Colour(80))
        case .field: Style(on: Colour(236))
        case .pending, .warning: Style(Colour(221))
        case .paid: Style(Colour(114))
        case .failed: Style(Colour(203), [.bold])
        case .unknown: Style(Colour(177))
        }
    }

    private func indexedLight(_ role: Role) -> Style {
        switch role {
        case .text: .plain
        case .faint: Style(Colour(242))
        case .strong, .heading: Style([.bold])
        case .border: Style(Colour(249))
        case .focus, .accent: Style(Colour(25))
        case .field: Style(on: Colour(254))
        case .pending, .warning: Style(Colour(130))
        case .paid: Style(Colour(28))
        case .failed: Style(Colour(160), [.bold])
        case .unknown: Style(Colour(91))
        }
    }
}

extension Style {
    /// The terminal's own colours with these attributes.
    fileprivate init(_ attributes: Attributes) {
        self.init(.standard, on: .standard, attributes)
    }

    fileprivate init(_ foreground: Colour, _ attributes: Attributes) {
        self.init(foreground, on: .standard, attributes)
    }
}
