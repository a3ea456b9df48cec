/// What one place of the screen shows: a base character, its marks, and their look.
package struct Cell: Equatable, Sendable {
    /// At most four combining marks: what curses holds in a cell.
    package struct Marks: Equatable, Sendable {
        private var first: UInt32 = 0
        private var second: UInt32 = 0
        private var third: UInt32 = 0
        private var fourth: UInt32 = 0

        /// No marks.
        package init() {}

        /// Whether there are none.
        package var isEmpty: Bool { first == 0 }

        /// Adds a mark; the fifth and later ones are dropped, which bounds a hostile stack of them.
        package mutating func append(_ mark: Unicode.Scalar) {
            if first == 0 {
                first = mark.value
            } else if second == 0 {
                second = mark.value
            } else if third == 0 {
                third = mark.value
            } else if fourth == 0 {
                fourth = mark.value
            }
        }

        /// The marks, in their order.
        package var scalars: [Unicode.Scalar] {
            [first, second, third, fourth].prefix { $0 != 0 }.compactMap(Unicode.Scalar.init)
        }
    }

    package var base: Unicode.Scalar
    package var marks: Marks
    /// 1 or 2 columns; 0 for the right half of a wide character, which draws nothing itself.
    package var columns: UInt8
    package var style: Style

    /// A cell of these parts.
    package init(
        _ base: Unicode.Scalar, marks: Marks = Marks(), columns: UInt8 = 1, style: Style = .plain
    ) {
        self.base = base
        self.marks = marks
        self.columns = columns
        self.style = style
    }

    package static let blank = Cell(" ")
}
