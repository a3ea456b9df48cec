package import ArgumentParser

/// One thing that an operator can set: its names, its default and how its text is read.
///
/// A flag wins over `NAME_FILE` (a path to a file with the value), then systemd's credential of
/// that name, then the environment variable `NAME`, then the default.
package struct Setting<Value: Sendable>: Sendable {
    /// The environment variable's name, such as `DATABASE_URL`.
    package let name: String
    /// The flag, such as `--database-url`.
    package let flag: String
    /// The value's text where nothing else is given; nil makes the setting required.
    package let fallback: String?
    /// Whether the value must never be shown.
    package let isSecret: Bool
    /// What a value looks like, for people: `a port, 0 to 65535`.
    package let expected: String
    private let summary: String
    private let parse: @Sendable (String) -> Value?

    /// - Parameters:
    ///   - name: the environment variable's name; the flag's is made of it.
    ///   - summary: one sentence for `--help`.
    ///   - fallback: the default's text; nil where the setting is required.
    ///   - isSecret: whether the value must never be shown.
    ///   - expected: what a value looks like.
    ///   - parse: nil for a text that is no value.
    package init(
        _ name: String, _ summary: String, default fallback: String? = nil,
        isSecret: Bool = false, expected: String,
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.name = name
        flag = "--" + name.lowercased().replacing("_", with: "-")
        self.summary = summary
        self.fallback = fallback
        self.isSecret = isSecret
        self.expected = expected
        self.parse = parse
    }

    /// The text for `--help`: what it is, its other names and its default.
    package var help: ArgumentHelp {
        let file = isSecret ? " or \(name)_FILE, or a systemd credential" : " or \(name)_FILE"
        let end = fallback.map { "default: \($0)" } ?? "required"
        return ArgumentHelp(
            "\(summary) (environment: \(name)\(file); \(end))", valueName: "value")
    }

    /// Finds the value.
    ///
    /// - Throws: `ValidationError`, which ArgumentParser prints with the usage and exit code 64; it
    ///   says which setting is wrong, its value unless secret, and what is expected.
    package func resolve(
        flag given: String?, from sources: SettingSources = .process
    ) throws -> Value {
        let found: (text: String, origin: String)
        if let given {
            found = (given, flag)
        } else if let read = try sources.read(name) {
            found = read
        } else if let fallback {
            found = (fallback, "default of \(name)")
        } else {
            throw ValidationError(
                "\(name) is not set: give \(flag), \(name)_FILE or \(name): \(expected)")
        }
        guard let value = parse(found.text) else {
            let shown = isSecret ? "its value (not shown)" : "'\(found.text)'"
            throw ValidationError("\(found.origin): \(shown) is not \(expected)")
        }
        return value
    }
}
