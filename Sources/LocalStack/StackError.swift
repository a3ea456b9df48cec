/// Why a stack, or a part of it, could not do what was asked: text for a person, with the log line
/// that tells why where there is one.
package struct StackError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// An error that says this.
    package init(_ description: String) {
        self.description = description
    }
}
