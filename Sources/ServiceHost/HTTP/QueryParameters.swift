/// A query string taken apart. Unknown parameters cost nothing and hurt nothing.
struct QueryParameters {
    private var values: [(name: String, value: String)] = []
    /// Names whose value is no UTF-8 after decoding.
    private(set) var unreadable: [String] = []

    init(_ query: String) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ Self.decode($0) }) else { continue }
            if let value = Self.decode(parts.count == 2 ? parts[1] : "") {
                values.append((name, value))
            } else {
                unreadable.append(name)
            }
        }
    }

    /// The last value of that name.
    subscript(name: String) -> String? {
        values.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    private static func decode(_ text: Substring) -> String? {
        PercentCoding.decode(text, plusIsSpace: true)
    }
}
