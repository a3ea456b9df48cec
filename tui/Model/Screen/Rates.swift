/// What happened per second of the server's clock, for the last ``span`` seconds.
///
/// Counting by the server's seconds keeps the picture true however seldom the screen polls.
package struct Rates: Sendable {
    /// One second.
    package struct Second: Hashable, Sendable {
        /// Orders placed.
        package internal(set) var placed = 0
        package internal(set) var paid = 0
        package internal(set) var failed = 0
        /// The median settle time in microseconds; nil where nothing settled.
        package internal(set) var settle: Int64?
    }

    /// Percentiles of the settle time in microseconds.
    package struct Percentiles: Hashable, Sendable {
        package let p50: Int64
        package let p95: Int64
        package let p99: Int64
    }

    /// Seconds kept.
    package static let span = 120
    /// Seconds that averages and percentiles look back.
    package static let window = 60

    /// Orders in memory that are still open.
    package internal(set) var pending = 0
    /// Since the start, as this screen saw it.
    package private(set) var paidInAll = 0
    /// Since the start, as this screen saw it.
    package private(set) var failedInAll = 0

    private struct Bucket: Sendable {
        var second: Int64 = .min
        var counts = Second()
        var settle = SettleTimes()
    }

    private var buckets = [Bucket](repeating: Bucket(), count: Rates.span)
    /// Milliseconds by which the server's clock is known to be ahead of this machine's.
    private var lead: Int64 = 0
}

extension Rates {
    /// Counts an order that was placed.
    ///
    /// - Parameter microseconds: server time.
    mutating func placed(at microseconds: Int64) {
        count(at: microseconds) { $0.counts.placed += 1 }
    }

    /// Counts an order that was settled, at the server's time of the row's last change.
    mutating func settled(_ row: OrderRow) {
        guard row.status.isSettled else { return }
        if row.status == .paid { paidInAll += 1 } else { failedInAll += 1 }
        count(at: row.updatedAt) { bucket in
            if row.status == .paid {
                bucket.counts.paid += 1
            } else {
                bucket.counts.failed += 1
            }
            if let time = row.settleTime { bucket.settle.add(time) }
        }
    }

    /// Learns how far the server's clock is ahead, from an answer that cannot be of the future.
    mutating func heard(_ microseconds: Int64, wall: Int64) {
        let (ahead, overflow) = (microseconds / 1_000).subtractingReportingOverflow(wall)
        // A clock a day off is broken data, and would show nothing for a day.
        if !overflow, ahead > lead, ahead < 86_400_000 { lead = ahead }
    }

    private mutating func count(at microseconds: Int64, _ change: (inout Bucket) -> Void) {
        guard microseconds >= 0 else { return }
        let second = microseconds / 1_000_000
        let place = Int(second % Int64(Self.span))
        guard second >= buckets[place].second else { return }
        if second > buckets[place].second {
            buckets[place] = Bucket()
            buckets[place].second = second
        }
        change(&buckets[place])
    }

    /// The last seconds, oldest first, the present one (still filling) last.
    ///
    /// - Parameters:
    ///   - count: at most ``span``.
    ///   - wall: milliseconds since 1970.
    package func seconds(_ count: Int, at wall: Int64) -> [Second] {
        let count = max(0, min(count, Self.span))
        return (0..<count).map { place in
            guard let bucket = bucket(ago: count - 1 - place, at: wall) else { return Second() }
            var second = bucket.counts
            second.settle = bucket.settle.value(percent: 50)
            return second
        }
    }

    /// Orders placed per second, over the last 10 whole seconds.
    package func perSecond(at wall: Int64) -> Double {
        let placed = (1...10).reduce(0) { $0 + (bucket(ago: $1, at: wall)?.counts.placed ?? 0) }
        return Double(placed) / 10
    }

    /// Outcomes of the last ``window`` seconds.
    package func outcomes(at wall: Int64) -> (paid: Int, failed: Int) {
        (0..<Self.window).reduce((0, 0)) { sum, ago in
            guard let counts = bucket(ago: ago, at: wall)?.counts else { return sum }
            return (sum.0 + counts.paid, sum.1 + counts.failed)
        }
    }

    /// Settle times of the last ``window`` seconds; nil where nothing settled.
    package func percentiles(at wall: Int64) -> Percentiles? {
        var all = SettleTimes()
        for ago in 0..<Self.window {
            if let bucket = bucket(ago: ago, at: wall) { all.add(bucket.settle) }
        }
        guard let p50 = all.value(percent: 50), let p95 = all.value(percent: 95),
            let p99 = all.value(percent: 99)
        else { return nil }
        return Percentiles(p50: p50, p95: p95, p99: p99)
    }

    private func bucket(ago: Int, at wall: Int64) -> Bucket? {
        let second = (wall &+ lead) / 1_000 - Int64(ago)
        guard second >= 0 else { return nil }
        let bucket = buckets[Int(second % Int64(Self.span))]
        return bucket.second == second ? bucket : nil
    }
}

/// Durations counted in bins that grow with them: 16 to each doubling, so a value is off by at
/// most 6 %, and a second under load takes no more memory than an idle one.
struct SettleTimes: Sendable {
    private var bins: [UInt32] = []
    private var total = 0

    private static let binLimit = 16 * 40

    /// - Parameter microseconds: anything from 0.
    mutating func add(_ microseconds: Int64) {
        let bin = Self.bin(microseconds)
        if bins.count <= bin {
            bins.append(contentsOf: repeatElement(0, count: bin + 1 - bins.count))
        }
        bins[bin] &+= 1
        total += 1
    }

    mutating func add(_ other: SettleTimes) {
        if bins.count < other.bins.count {
            bins.append(contentsOf: repeatElement(0, count: other.bins.count - bins.count))
        }
        for bin in other.bins.indices { bins[bin] &+= other.bins[bin] }
        total += other.total
    }

    /// The duration that this share of all does not exceed; nil where there is none.
    ///
    /// In whole numbers: rounding a `Double` would need the C library's mathematics.
    func value(percent: Int) -> Int64? {
        guard total > 0 else { return nil }
        let rank = max(1, (total * percent + 99) / 100)
        var seen = 0
        for bin in bins.indices {
            seen += Int(bins[bin])
            if seen >= rank { return Self.value(of: bin) }
        }
        return Self.value(of: bins.count - 1)
    }

    private static func bin(_ microseconds: Int64) -> Int {
        let value = UInt64(max(0, microseconds))
        guard value >= 16 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let step = Int((value >> UInt64(exponent - 4)) & 15)
        return min(binLimit - 1, (exponent - 3) * 16 + step)
    }

    /// The middle of a bin.
    private static func value(of bin: Int) -> Int64 {
        guard bin >= 16 else { return Int64(bin) }
        let shift = Int64(bin / 16 - 1)
        let low = Int64(16 + bin % 16) << shift
        return low + (Int64(1) << shift) / 2
    }
}
