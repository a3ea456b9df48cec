import SharedKernel

/// What happened: a sum over every step, by which two runs are compared, and the last events in
/// words.
///
/// Unchecked for the reason that ``World`` has.
final class Trace: @unchecked Sendable {
    private struct Entry {
        let at: Int64
        let step: Int
        let place: String
        let words: StaticString
        let count: Int
        let order: OrderID?
    }

    private static let kept = 4_096
    private var entries: [Entry] = []
    private var oldest = 0
    private(set) var sum: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Enters a number into the sum (FNV-1a, by words).
    func mix(_ value: UInt64) { sum = (sum ^ value) &* 0x100_0000_01B3 }

    func note(
        _ world: World, _ place: String, _ words: StaticString, _ count: Int = 1,
        order: OrderID? = nil
    ) {
        mix(UInt64(words.utf8CodeUnitCount) << 32 | UInt64(truncatingIfNeeded: count))
        let entry = Entry(
            at: world.now, step: world.steps, place: place, words: words, count: count,
            order: order)
        if entries.count < Self.kept {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.kept
        }
    }

    /// The last events, oldest first.
    func last(_ limit: Int) -> [String] {
        (Array(entries[oldest...]) + Array(entries[..<oldest])).suffix(limit).map { entry in
            let seconds = String(entry.at / 1_000_000)
            let fraction = String(entry.at % 1_000_000 + 1_000_000).dropFirst()
            let order = entry.order.map { " order \($0)" } ?? ""
            let count = entry.count == 1 ? "" : " (\(entry.count))"
            return "\(seconds).\(fraction)s step \(entry.step) \(entry.place): "
                + "\(entry.words)\(count)\(order)"
        }
    }
}
