import KassaView

/// Rows of text under headings, as wide as their contents.
struct Columns {
    /// A heading, and whether the column is of numbers, which stand to the right.
    struct Heading {
        let title: String
        var isNumber = false
    }

    let headings: [Heading]
    private(set) var rows: [[String]] = []

    init(_ headings: Heading...) { self.headings = headings }

    /// - Parameter cells: one for each heading; shown as a terminal may show them.
    mutating func add(_ cells: String...) { rows.append(cells) }

    var lines: [String] {
        let all = [headings.map(\.title)] + rows
        let widths = headings.indices.map { column in
            all.map { $0[column].columns() }.max() ?? 0
        }
        return all.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let pad = String(repeating: " ", count: widths[column] - cell.columns())
                line +=
                    (column > 0 ? "  " : "") + (headings[column].isNumber ? pad + cell : cell + pad)
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
