import ArgumentParser
import KassaModel
import SharedKernel

extension Amount: ExpressibleByArgument {
    /// Reads `42.50`; the parser says what is wrong otherwise.
    package init?(argument: String) {
        guard let amount = try? Amount(decimal: argument) else { return nil }
        self = amount
    }
}

/// Seconds between polls, such as `0.5`: one of the dashboard's steps.
struct Interval: ExpressibleByArgument, Equatable {
    let milliseconds: Int64

    init?(argument: String) {
        guard let seconds = Double(argument), seconds > 0, seconds <= 30 else { return nil }
        let wanted = Int64((seconds * 1_000).rounded())
        guard Settings.intervals.contains(wanted) else { return nil }
        milliseconds = wanted
    }

    static let allValueStrings = Settings.intervals.map { "\(Double($0) / 1_000)" }
}

extension Settings.Theme: ExpressibleByArgument {}

/// `120x36`.
struct SizeArgument: ExpressibleByArgument {
    let size: Size

    init?(argument: String) {
        let parts = argument.split(separator: "x").compactMap { Int($0) }
        guard parts.count == 2, (1...500).contains(parts[0]), (1...200).contains(parts[1]) else {
            return nil
        }
        size = Size(columns: parts[0], rows: parts[1])
    }
}

/// How many rows a list gives at most.
struct RowLimit: ExpressibleByArgument {
    let count: Int

    init(_ count: Int) { self.count = count }

    init?(argument: String) {
        guard let count = Int(argument), (1...1_000_000).contains(count) else { return nil }
        self.count = count
    }

    var defaultValueDescription: String { "\(count)" }
}
