/// What a row of samples comes to.
package struct Statistics: Equatable, Sendable {
    package let least: Double
    package let median: Double
    /// What nine samples of ten do not exceed.
    package let p90: Double

    /// - Parameter samples: in any order; nil where there is none.
    package init?(_ samples: [Double]) {
        let sorted = samples.sorted()
        guard let first = sorted.first else { return nil }
        least = first
        let middle = sorted.count / 2
        median =
            sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        // The nearest rank: the least sample that at least nine tenths do not exceed.
        p90 = sorted[(sorted.count * 9 + 9) / 10 - 1]
    }
}
