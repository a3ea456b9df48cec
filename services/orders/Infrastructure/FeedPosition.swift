import SharedKernel

/// What a cursor of the feed says: which transactions its reader has seen.
///
/// A number that counts up cannot say it: a transaction that began early may commit late, under a
/// number that the reader has passed. A snapshot names the ones that were still under way.
struct FeedPosition: Equatable {
    /// Everything that this snapshot sees is known to the reader.
    var seen: FeedSnapshot
    /// Where a window longer than a page was broken off.
    var window: Window?

    struct Window: Equatable {
        /// The pages of one window end where its first page found the end.
        var upTo: FeedSnapshot
        /// The last change that was given, by transaction and then by order.
        var transaction: UInt64
        var order: String
    }
}

/// PostgreSQL's `pg_snapshot` in its text form, `xmin:xmax:xip,xip…`.
struct FeedSnapshot: Equatable {
    let text: String
    /// Every transaction below is over.
    let oldest: UInt64
    /// No transaction from here on had begun.
    let end: UInt64

    /// More than any server has connections.
    private static let lengthLimit = 32_768

    /// Reads the text form as PostgreSQL does; nil for anything that it would refuse.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.lengthLimit, parts.count == 3,
            let oldest = UInt64(digits: parts[0]), let end = UInt64(digits: parts[1]),
            oldest > 0, oldest <= end
        else { return nil }
        var floor = oldest
        for part in parts[2].split(separator: ",", omittingEmptySubsequences: parts[2].isEmpty) {
            guard let running = UInt64(digits: part), running >= floor, running < end else {
                return nil
            }
            floor = running
        }
        self.text = String(text)
        self.oldest = oldest
        self.end = end
    }
}

extension FeedPosition {
    /// Reads a cursor; nil where it is none.
    init?(cursor: String) {
        let parts = cursor.split(separator: "~", omittingEmptySubsequences: false)
        guard let first = parts.first, let seen = FeedSnapshot(first) else { return nil }
        switch parts.count {
        case 1: self.init(seen: seen)
        case 4:
            guard let upTo = FeedSnapshot(parts[1]), let transaction = UInt64(digits: parts[2]),
                let order = OrderID(String(parts[3]))
            else { return nil }
            self.init(
                seen: seen,
                window: Window(upTo: upTo, transaction: transaction, order: order.description))
        default: return nil
        }
    }

    /// The cursor that says this.
    var cursor: String {
        guard let window else { return seen.text }
        return "\(seen.text)~\(window.upTo.text)~\(window.transaction)~\(window.order)"
    }
}

extension UInt64 {
    /// Decimal digits alone, within PostgreSQL's 64-bit transaction ids.
    fileprivate init?(digits: some StringProtocol) {
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
            let value = UInt64(digits), value <= UInt64(Int64.max)
        else { return nil }
        self = value
    }
}
