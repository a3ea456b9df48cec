/// An operation that is measured, and what it is compared with.
package struct Benchmark {
    /// Makes the operation that many times in a row.
    package typealias Work = (Int) throws -> Void

    /// What it is called by, such as `money-read`.
    package let name: String
    /// What one operation is, in a few words.
    package let summary: String
    /// The operation.
    package let work: Work
    /// What does the same with the platform's library; nil where nothing does.
    package private(set) var yardstick: (name: String, work: Work)?

    /// - Parameters:
    ///   - operation: its result is looked at, so that the compiler cannot leave it out.
    init<Result>(
        _ name: String, _ summary: String, _ operation: @escaping () throws -> Result
    ) {
        self.name = name
        self.summary = summary
        work = Self.repeating(operation)
    }

    /// The same, compared with another operation.
    func against<Result>(
        _ name: String, _ operation: @escaping () throws -> Result
    ) -> Benchmark {
        var compared = self
        compared.yardstick = (name, Self.repeating(operation))
        return compared
    }

    private static func repeating<Result>(_ operation: @escaping () throws -> Result) -> Work {
        { iterations in
            for _ in 0..<iterations { blackHole(try operation()) }
        }
    }
}

/// Takes a value and does nothing with it, which the compiler must not know.
@_optimize(none) @inline(never)
func blackHole<Value>(_ value: Value) {}

extension Benchmark {
    /// All of them, in the table's order.
    ///
    /// - Throws: when a sample cannot be made, which is a mistake in it.
    package static var all: [Benchmark] {
        get throws { try json + values + requests + messages + screen }
    }

    /// Those of which a name of the list is the name or its beginning: `json` is all of JSON's.
    ///
    /// - Parameter names: separated by commas.
    /// - Throws: ``UnknownBenchmark`` for a name that fits none.
    package static func named(_ names: String) throws -> [Benchmark] {
        let wanted = names.split(separator: ",").map(String.init)
        let all = try all
        for name in wanted where !all.contains(where: { $0.name.hasPrefix(name) }) {
            throw UnknownBenchmark(name: name)
        }
        return all.filter { benchmark in wanted.contains { benchmark.name.hasPrefix($0) } }
    }
}

/// A name that no benchmark has.
package struct UnknownBenchmark: Error {
    /// As it was given.
    package let name: String
}
