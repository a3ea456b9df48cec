/// Why a daemon cannot start, and what to do about it: one line for the operator.
package struct StartFailure: Error, CustomStringConvertible {
    /// The line.
    package let description: String

    /// - Parameter description: what failed and what to do, such as which flag to change.
    package init(_ description: String) { self.description = description }
}
