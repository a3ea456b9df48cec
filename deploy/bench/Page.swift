import Foundation

/// The results as one HTML page: tables, and a plot of the rounds for each figure. It loads
/// nothing.
struct Page {
    private let results: Results

    init(_ results: Results) { self.results = results }

    var text: String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Kassa: measurements</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
        th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd }
        .number { text-align: right; font-variant-numeric: tabular-nums }
        .missed { color: #b00020 } .met { color: #00692b }
        rect { fill: #3b6ea8 } line { stroke: #b00020 }
        </style>
        <h1>Kassa: measurements</h1>
        <table>\(machine)</table>
        <h2>Targets</h2>
        <table>
        <tr><th>what<th class="number">wanted<th class="number">reached<th></tr>
        \(targets)</table>
        <h2>Figures</h2>
        <p>Each bar is a round, the line their median.</p>
        <table>
        <tr><th>what<th class="number">median<th>rounds</tr>
        \(figures)</table>
        </html>

        """
    }

    private var machine: String {
        results.machine.map { "<tr><th>\(escaped($0.name))<td>\(escaped($0.value))</tr>" }.joined()
    }

    private var targets: String {
        results.verdicts.map { target, reached in
            let verdict = target.isMet(by: reached) ? "met" : "missed"
            return "<tr><td>\(escaped(target.name))<td class=number>\(escaped(target.wanted))"
                + "<td class=number>\(reached.short)<td class=\(verdict)>\(verdict)</tr>"
        }.joined(separator: "\n")
    }

    private var figures: String {
        results.series.map { name, unit, values in
            let median = results.median(name) ?? 0
            return "<tr><td>\(escaped(name))<td class=number>\(median.short) \(escaped(unit))"
                + "<td>\(plot(values, median: median))</tr>"
        }.joined(separator: "\n")
    }

    /// Bars from zero, so that their lengths are in proportion.
    private func plot(_ values: [Double], median: Double) -> String {
        guard let most = values.max(), most > 0 else { return "" }
        let height = values.count * 8 + 2
        let bars = values.enumerated().map { index, value in
            let width = Int(value / most * 220)
            return "<rect x=0 y=\(index * 8 + 2) width=\(width) height=6>"
                + "<title>\(value.short)</title></rect>"
        }
        let middle = Int(median / most * 220)
        return "<svg width=240 height=\(height) role=img>\(bars.joined())"
            + "<line x1=\(middle) x2=\(middle) y1=0 y2=\(height)></line></svg>"
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
