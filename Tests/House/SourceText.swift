/// Swift source taken apart for the rules: each line as it stands, and as code alone.
///
/// In `code`, comments and the insides of string literals and of raw identifiers are blank, column
/// for column, so that a rule that looks for a word does not find it in prose.
struct SourceText: Sendable {
    let lines: [String]
    let code: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var masker = Masker()
        var code: [String] = []
        for line in lines { code.append(masker.mask(line)) }
        self.code = code
    }

    /// The line's first word that is neither space nor an attribute's, and what follows it.
    func words(_ line: Int) -> [Substring] {
        code[line].split { $0 == " " || $0 == "\t" }.drop { $0.hasPrefix("@") }.map { $0 }
    }

    /// Whether a comment stands directly above a line, with nothing but attributes between.
    func hasComment(above line: Int, documenting: Bool = false) -> Bool {
        var above = line - 1
        while above >= 0, lines[above].trimmed.hasPrefix("@") { above -= 1 }
        guard above >= 0 else { return false }
        let text = lines[above].trimmed
        return text.hasPrefix(documenting ? "///" : "//") || text.hasSuffix("*/")
    }
}

extension StringProtocol {
    /// Without the blanks around it.
    var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

/// Blanks what is no code, line by line; what is open at a line's end is open on the next.
private struct Masker {
    private enum Mode: Equatable {
        /// Inside an interpolation, with its open parentheses.
        case interpolation(depth: Int)
        case string(hashes: Int, isMultiline: Bool)
        case comment(depth: Int)
    }

    private var modes: [Mode] = []
    private var text: [Character] = []
    private var index = 0
    private var output = ""

    mutating func mask(_ line: String) -> String {
        text = Array(line)
        index = 0
        output = ""
        while index < text.count {
            switch modes.last {
            case .comment(let depth): comment(depth)
            case .string(let hashes, let isMultiline): string(hashes, isMultiline)
            case .interpolation, nil: code()
            }
        }
        closeLine()
        return output
    }

    /// A one-line string that is still open was no string: it must not blank the rest of the file.
    private mutating func closeLine() {
        let open = modes.firstIndex { mode in
            if case .string(_, isMultiline: false) = mode { true } else { false }
        }
        if let open { modes.removeSubrange(open...) }
    }

    private func follows(_ word: String) -> Bool { text[index...].starts(with: word) }

    private mutating func blank(_ count: Int) {
        let taken = min(count, text.count - index)
        output += String(repeating: " ", count: taken)
        index += taken
    }

    private mutating func keep(_ count: Int = 1) {
        output += String(text[index..<min(index + count, text.count)])
        index += count
    }

    private mutating func comment(_ depth: Int) {
        if follows("*/") {
            modes.removeLast()
            if depth > 1 { modes.append(.comment(depth: depth - 1)) }
            blank(2)
        } else if follows("/*") {
            modes[modes.count - 1] = .comment(depth: depth + 1)
            blank(2)
        } else {
            blank(1)
        }
    }

    private mutating func string(_ hashes: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + marks
        if follows("\\\(marks)(") {
            modes.append(.interpolation(depth: 1))
            blank(2 + hashes)
        } else if follows("\\\(marks)") {
            blank(2 + hashes)
        } else if follows(end) {
            modes.removeLast()
            keep(end.count)
        } else {
            blank(1)
        }
    }

    private mutating func code() {
        let hashes = text[index...].prefix { $0 == "#" }.count
        if follows("//") {
            blank(text.count - index)
        } else if follows("/*") {
            modes.append(.comment(depth: 1))
            blank(2)
        } else if text[index...].dropFirst(hashes).first == "\"" {
            let isMultiline = text[(index + hashes)...].starts(with: "\"\"\"")
            modes.append(.string(hashes: hashes, isMultiline: isMultiline))
            keep(hashes + (isMultiline ? 3 : 1))
        } else if text[index] == "`" {
            keep()
            while index < text.count, text[index] != "`" { blank(1) }
            if index < text.count { keep() }
        } else {
            parenthesis()
        }
    }

    private mutating func parenthesis() {
        if case .interpolation(let depth) = modes.last {
            switch text[index] {
            case "(": modes[modes.count - 1] = .interpolation(depth: depth + 1)
            case ")" where depth == 1:
                modes.removeLast()
                return blank(1)
            case ")": modes[modes.count - 1] = .interpolation(depth: depth - 1)
            default: break
            }
        }
        keep()
    }
}
