/// A route's way to answer its requests on their connection's event loop, without a task of their
/// own: for the one call that a busy day consists of.
package struct DirectRoute: Sendable {
    /// Takes an answer, once, on any thread.
    package typealias Completion =
        @Sendable (_ outcome: Result<BufferedResponse, any Error>) -> Void

    /// Bytes of a body that such a request has at most.
    static let bodyLimit = 4_096

    let takes: @Sendable (BufferedRequest) -> Bool
    let begin: @Sendable (BufferedRequest, @escaping Completion) -> Void

    /// - Parameters:
    ///   - takes: whether a request may be answered in this way; one that may not goes the
    ///     ordinary one. Pure.
    ///   - begin: starts on the answer and returns at once; blocks nothing.
    package init(
        takes: @escaping @Sendable (BufferedRequest) -> Bool,
        begin: @escaping @Sendable (BufferedRequest, @escaping Completion) -> Void
    ) {
        self.takes = takes
        self.begin = begin
    }
}
