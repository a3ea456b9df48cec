/// What was found about one benchmark.
package struct Finding: Equatable, Sendable {
    /// What was found about an operation.
    package struct Cost: Equatable, Sendable {
        /// Nanoseconds that one takes.
        package let nanoseconds: Statistics
        /// How often one asks for memory.
        package let allocations: Double

        /// - Parameters: as the properties.
        package init(nanoseconds: Statistics, allocations: Double) {
            self.nanoseconds = nanoseconds
            self.allocations = allocations
        }
    }

    /// The benchmark's.
    package let name: String
    /// What Kassa's operation costs.
    package let own: Cost
    /// What it was compared with.
    package let yardstick: String?
    /// What that costs.
    package let other: Cost?
    /// Instructions that one operation takes, where they were counted.
    package var instructions: Double?

    /// - Parameters: as the properties.
    package init(
        name: String, own: Cost, yardstick: String? = nil, other: Cost? = nil,
        instructions: Double? = nil
    ) {
        self.name = name
        self.own = own
        self.yardstick = yardstick
        self.other = other
        self.instructions = instructions
    }

    /// Kassa's median time through the yardstick's: below 1 Kassa is faster.
    package var ratio: Double? {
        other.map { own.nanoseconds.median / $0.nanoseconds.median }
    }
}
