/// What other rooms see is explained where it is declared.
enum DocumentationRules {
    private static let kinds: Set<Substring> = [
        "actor", "class", "enum", "func", "protocol", "struct", "typealias",
    ]

    /// Members that a protocol of the language or of a library names and explains, and `init()`.
    private static let witnesses: Set<String> = [
        "!=", "<", "==", "checkIsolated", "debugDescription", "description", "encode", "enqueue",
        "errorDescription", "hash", "init()", "init(arrayLiteral", "init(dictionaryLiteral",
        "init(from", "init(integerLiteral", "init(stringLiteral", "isIsolatingCurrentContext",
        "next", "run", "unownedExecutor", "validate",
    ]

    /// What the house's own protocols require, and explain: a witness need not say it again.
    static func requirements(of file: SourceFile) -> Set<String> {
        var isProtocol = false
        var names: Set<String> = []
        for line in file.text.code.indices {
            let code = file.text.code[line]
            let words = file.text.words(line)
            if words.contains("protocol") { isProtocol = true }
            if code.hasPrefix("}") { isProtocol = false }
            guard isProtocol,
                let place = words.firstIndex(where: { $0 == "func" || $0 == "var" }),
                place + 1 < words.count
            else { continue }
            names.insert(name(words[place + 1]))
        }
        return names
    }

    /// A `package` or `public` type, function, initializer or computed property has a doc comment.
    ///
    /// Enum cases and stored properties may speak by their names inside a documented type: what
    /// they mean beyond that is for review, not for a check by lines.
    static func declarations(
        _ file: SourceFile, explained: Set<String> = []
    ) -> [Violation] {
        let explained = explained.subtracting(requirements(of: file)).union(witnesses)
        return declarations(file, except: explained)
    }

    private static func declarations(
        _ file: SourceFile, except explained: Set<String>
    ) -> [Violation] {
        file.text.code.indices.compactMap { line in
            guard let name = documentedName(file, line),
                !explained.contains(name),
                !file.text.hasComment(above: line, documenting: true)
            else { return nil }
            return Violation(file, line: line, "'\(name)' has no doc comment")
        }
    }

    /// The name that a line declares for other rooms to use; nil where it needs no comment.
    private static func documentedName(_ file: SourceFile, _ line: Int) -> String? {
        let words = file.text.words(line)
        guard let access = words.first, access == "package" || access == "public" else {
            return nil
        }
        if let place = words.firstIndex(where: { kinds.contains($0) }) {
            // "class func" and "class var" declare a member, not a class.
            let isMember = words[place] == "class" && words[place...].contains("func")
            let named = isMember ? words.firstIndex(of: "func") ?? place : place
            guard named + 1 < words.count else { return String(words[named]) }
            return name(words[named + 1])
        }
        if let word = words.first(where: { $0.hasPrefix("init") || $0.hasPrefix("subscript(") }) {
            return name(word, withLabel: true)
        }
        if let place = words.firstIndex(of: "var"), file.text.code[line].hasSuffix("{") {
            return place + 1 < words.count ? name(words[place + 1]) : nil
        }
        return nil
    }

    private static func name(_ word: Substring, withLabel: Bool = false) -> String {
        let end = withLabel ? ":{" : "(:<{"
        let name = word.prefix { !end.contains($0) }
        return String(name.isEmpty ? word.prefix { $0 != "(" } : name)
    }
}
