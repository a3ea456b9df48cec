/// What an export is written as.
package enum ExportFormat: String, Hashable, Sendable, CaseIterable { case csv, json }

extension State {
    /// Writes what the pane in focus shows, filtered and sorted as it is.
    mutating func export(_ format: ExportFormat, path: String?) -> [Effect] {
        let isAccounts = filterPane == .accounts
        let time = UTCTime(milliseconds: moment.wall)
        let stamp = (time.date + "-" + time.clock).filter { $0 != ":" }
        let name = isAccounts ? "accounts" : "orders"
        let path = path ?? "kassa-\(name)-\(stamp).\(format.rawValue)"
        return [.export(path: path, text: exportText(format))]
    }

    /// The export's text.
    package func exportText(_ format: ExportFormat) -> String {
        let records =
            filterPane == .accounts
            ? accounts.shown.indices.map { accounts.row(at: $0).record }
            : orders.shown.indices.map { orders.row(at: $0).record }
        let names = filterPane == .accounts ? AccountRow.recordNames : OrderRow.recordNames
        return format == .csv ? Export.csv(names, records) : Export.json(names, records)
    }

    mutating func exported(_ path: String, _ error: String?) {
        if let error {
            note(.error, "export to \(path): \(error)")
        } else {
            note(.success, "exported to \(path)")
        }
    }
}

/// Tables as text for other programs.
enum Export {
    /// One value of a record.
    enum Value {
        case text(String)
        case number(String)
        case nothing
    }

    /// RFC 4180, with a heading. A text that a spreadsheet would run as a formula gets an
    /// apostrophe before it; JSON has every text as it is.
    static func csv(_ names: [String], _ records: [[Value]]) -> String {
        var text = names.joined(separator: ",") + "\r\n"
        for record in records {
            text += record.map(cell).joined(separator: ",") + "\r\n"
        }
        return text
    }

    private static func cell(_ value: Value) -> String {
        switch value {
        case .nothing: return ""
        case .number(let digits): return digits
        case .text(let text):
            let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) }
            let safe = isFormula == true ? "'" + text : text
            let isPlain = !safe.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
            if isPlain { return safe }
            var quoted = "\""
            for scalar in safe.unicodeScalars {
                if scalar == "\"" { quoted += "\"" }
                quoted.unicodeScalars.append(scalar)
            }
            return quoted + "\""
        }
    }

    /// An array of objects, one to a line.
    static func json(_ names: [String], _ records: [[Value]]) -> String {
        let lines = records.map { record in
            let members = zip(names, record).map { name, value in
                switch value {
                case .nothing: "\"\(name)\": null"
                case .number(let digits): "\"\(name)\": \(digits)"
                case .text(let text): "\"\(name)\": \(quoted(text))"
                }
            }
            return "  {" + members.joined(separator: ", ") + "}"
        }
        return lines.isEmpty ? "[]\n" : "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            default:
                if scalar.value < 0x20 || TextRules.isForbidden(scalar) {
                    let code = String(scalar.value, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}

extension OrderRow {
    fileprivate static let recordNames = [
        "order_id", "user_id", "amount", "description", "status", "created_at", "updated_at",
        "failure_reason",
    ]

    fileprivate var record: [Export.Value] {
        [
            .text(id), .text(user), .number(amount.description), .text(description),
            .text(status.rawValue), .text(UTCTime(microseconds: createdAt).text),
            .text(UTCTime(microseconds: updatedAt).text),
            failureReason.map(Export.Value.text) ?? .nothing,
        ]
    }
}

extension AccountRow {
    fileprivate static let recordNames = ["user_id", "balance"]

    fileprivate var record: [Export.Value] { [.text(user), .number(balance.description)] }
}
