/// How the operator left the screen, as names and values to be written to a file and read again.
package struct SavedView: Hashable, Sendable {
    /// Names and values; unknown ones are passed over, so that versions can share a file.
    package var values: [String: String]

    /// - Parameter values: as they were saved; anything may be missing or wrong.
    package init(values: [String: String]) { self.values = values }
}

extension State {
    /// What there is to remember of the present view.
    package var savedView: SavedView {
        SavedView(values: [
            "focus": focus.title.lowercased(),
            "interval": String(settings.interval),
            "theme": settings.theme.rawValue,
            "glyphs": settings.glyphs.rawValue,
            "mouse": settings.hasMouse ? "on" : "off",
            "orders.filter": orders.filter.text,
            "orders.sort": orders.sort.column.rawValue,
            "orders.descending": orders.sort.isDescending ? "yes" : "no",
            "accounts.filter": accounts.filter.text,
            "accounts.sort": accounts.sort.column.rawValue,
            "accounts.descending": accounts.sort.isDescending ? "yes" : "no",
        ])
    }

    /// Takes up a remembered view; what it does not say, or says wrongly, stays as it is.
    ///
    /// The App applies it before what the command line asks for.
    package mutating func restore(_ view: SavedView) {
        let values = view.values
        if let name = values["focus"],
            let pane = Pane.allCases.first(where: { $0.title.lowercased() == name })
        {
            focus = pane
        }
        if let interval = values["interval"].flatMap({ Int64($0) }),
            (100...3_600_000).contains(interval)
        {
            settings.interval = interval
        }
        settings.theme = values["theme"].flatMap(Settings.Theme.init) ?? settings.theme
        settings.glyphs = values["glyphs"].flatMap(Settings.Glyphs.init) ?? settings.glyphs
        if let mouse = values["mouse"] { settings.hasMouse = mouse == "on" }
        Self.restore(
            &orders, values, "orders", values["orders.sort"].flatMap(OrderColumn.init))
        Self.restore(
            &accounts, values, "accounts", values["accounts.sort"].flatMap(AccountColumn.init))
    }

    private static func restore<Row>(
        _ table: inout Table<Row>, _ values: [String: String], _ name: String,
        _ column: Row.Column?
    ) {
        if let filter = values["\(name).filter"] {
            table.filter = Filter(TextInput(filter).text)
        }
        if let column { table.sort.column = column }
        if let descending = values["\(name).descending"] {
            table.sort.isDescending = descending == "yes"
        }
        table.rebuild()
    }
}
