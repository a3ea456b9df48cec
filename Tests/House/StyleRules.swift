/// The shape of a file: its size, its names, and what it may not do.
enum StyleRules {
    static let fileLineLimit = 400
    static let fileLineGoal = 250
    static let functionLineLimit = 70
    static let columnLimit = 100

    static func fileLength(_ file: SourceFile) -> [Violation] {
        let count = lineCount(file)
        guard count > fileLineLimit else { return [] }
        return [Violation(file.path, "\(count) lines, at most \(fileLineLimit): split it")]
    }

    static func lineCount(_ file: SourceFile) -> Int {
        file.text.lines.count - (file.text.lines.last == "" ? 1 : 0)
    }

    static func lineLength(_ file: SourceFile) -> [Violation] {
        file.text.lines.indices.filter { file.text.lines[$0].count > columnLimit }.map {
            Violation(file, line: $0, "longer than \(columnLimit) columns")
        }
    }

    /// A function fits on a screen.
    static func functionLength(_ file: SourceFile) -> [Violation] {
        let code = file.text.code
        return code.indices.compactMap { line in
            let words = file.text.words(line)
            let opens = words.contains { word in
                word == "func" || word.hasPrefix("init(") || word.hasPrefix("init?(")
            }
            guard opens, !code[line].contains(".init("), let end = bodyEnd(code, from: line)
            else { return nil }
            let length = end - line + 1
            guard length > functionLineLimit else { return nil }
            return Violation(file, line: line, "a function of \(length) lines")
        }
    }

    /// Where the body that opens at or after `line` closes; nil for a requirement without one.
    private static func bodyEnd(_ code: [String], from line: Int) -> Int? {
        var braces = 0
        var parentheses = 0
        for current in code.indices[line...] {
            for character in code[current] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{" where parentheses == 0 || braces > 0: braces += 1
                case "}" where braces == 1: return current
                case "}" where braces > 1: braces -= 1
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
            let next = current + 1 < code.count ? code[current + 1].trimmed : ""
            let goesOn =
                parentheses > 0 || next.hasPrefix("{") || next.hasPrefix("where")
                || next.hasPrefix(")") || next.hasPrefix("->") || next.hasPrefix("async")
            if braces == 0, !goesOn { return nil }
        }
        return nil
    }

    /// Names that say nothing of what is inside.
    static func names(_ file: SourceFile) -> [Violation] {
        let types: Set<Substring> = ["actor", "class", "enum", "extension", "protocol", "struct"]
        var found: [Violation] = []
        if isVague(file.name.prefix { $0 != "." }) {
            found.append(Violation(file.path, "the file's name says nothing"))
        }
        for line in file.text.code.indices {
            let words = file.text.words(line)
            guard let place = words.firstIndex(where: types.contains), place + 1 < words.count
            else { continue }
            let name = words[place + 1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            if isVague(name) { found.append(Violation(file, line: line, "\(name) says nothing")) }
        }
        return found
    }

    private static func isVague(_ name: Substring) -> Bool {
        let vague: Set<String> = [
            "Common", "Helper", "Helpers", "Manager", "Managers", "Util", "Utilities", "Utility",
            "Utils",
        ]
        var words: [String] = []
        for character in name {
            if character.isUppercase || words.isEmpty { words.append("") }
            words[words.count - 1].append(character)
        }
        return words.contains { vague.contains($0) }
    }

    /// Nothing that stops the process where an error could be thrown.
    static func forces(_ file: SourceFile) -> [Violation] {
        file.text.code.indices.compactMap { line in
            let code = file.text.code[line]
            if code.contains("try!") {
                return Violation(file, line: line, "try! stops the process")
            }
            if code.contains("as!") { return Violation(file, line: line, "as! stops the process") }
            guard hasForcedUnwrap(code) else { return nil }
            return Violation(file, line: line, "a forced unwrap stops the process")
        }
    }

    /// A `!` behind a value or a type, unless it begins `!=`.
    private static func hasForcedUnwrap(_ code: String) -> Bool {
        let characters = Array(code)
        return characters.indices.dropFirst().contains { place in
            let before = characters[place - 1]
            let isComparison = characters[place...].starts(with: "!=")
            return characters[place] == "!" && !isComparison
                && (before.isLetter || before.isNumber || ")]}>_?`".contains(before))
        }
    }

    /// What the compiler does not check, a comment must vouch for.
    static func unchecked(_ file: SourceFile) -> [Violation] {
        file.text.code.indices.filter { line in
            ["@unchecked", "nonisolated(unsafe)", "unsafeBitCast"]
                .contains { file.text.code[line].contains($0) }
                && !file.text.hasComment(above: line)
        }.map {
            Violation(file, line: $0, "say in a comment above why this is safe")
        }
    }

    /// A test waits for a signal or a condition; only the poll itself, in Tests/Support, may sleep.
    static func sleeps(_ file: SourceFile) -> [Violation] {
        guard file.path.hasPrefix("Tests/"), !file.path.hasPrefix("Tests/Support/") else {
            return []
        }
        return file.text.code.indices.filter { line in
            let code = file.text.code[line]
            return ["sleep(", "sleep (", "sleep(for:", "usleep("].contains { code.contains($0) }
        }.map {
            Violation(file, line: $0, "a test does not sleep: wait for a signal or use eventually")
        }
    }

    /// A daemon's `main.swift` only starts its command.
    static func main(_ file: SourceFile) -> [Violation] {
        guard file.name == "main.swift", file.folder.hasSuffix("/Daemon") else { return [] }
        let statements = file.text.code.map(\.trimmed).filter { !$0.isEmpty }
        guard statements.count != 1 else { return [] }
        return [Violation(file.path, "\(statements.count) lines of code instead of one")]
    }

    /// No room is kept for what is not there.
    static func emptiness(_ file: SourceFile) -> [Violation] {
        guard file.text.code.allSatisfy({ $0.trimmed.isEmpty }) else { return [] }
        return [Violation(file.path, "a file without code")]
    }
}
