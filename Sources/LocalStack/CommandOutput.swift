import Subprocess

/// What a short command said.
package struct CommandOutput: Sendable {
    package let succeeded: Bool
    package let standardOutput: String
    package let standardError: String
}

extension Command {
    /// Runs to the end and gathers at most 1 MB of each output; on expiry of `limit` the process is
    /// killed.
    ///
    /// - Parameter input: text for standard input, which keeps secrets out of the argument list.
    /// - Throws: ``StackError`` on expiry, or when it cannot start.
    package func run(input: String = "", within limit: Duration) async throws -> CommandOutput {
        let configuration = configuration()
        return try await withThrowingTaskGroup(of: CommandOutput?.self) { group in
            group.addTask {
                let result = try await Subprocess.run(
                    configuration, input: .string(input), output: .string(limit: 1_000_000),
                    error: .string(limit: 1_000_000))
                return CommandOutput(
                    succeeded: result.terminationStatus.isSuccess,
                    standardOutput: result.standardOutput,
                    standardError: result.standardError)
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw StackError("\(executable) did not end within \(limit)")
            }
            return output
        }
    }

    /// Runs to the end; a failure throws what the program wrote.
    @discardableResult
    package func runOrThrow(input: String = "", within limit: Duration) async throws -> String {
        let output = try await run(input: input, within: limit)
        guard output.succeeded else {
            let said = output.standardError.isEmpty ? output.standardOutput : output.standardError
            throw StackError("\(executable) failed: \(said.trimmingSuffix())")
        }
        return output.standardOutput
    }
}

extension String {
    fileprivate func trimmingSuffix() -> Substring {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
