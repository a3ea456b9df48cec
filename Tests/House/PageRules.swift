/// The pages for people: every link leads somewhere.
enum PageRules {
    /// The relative targets of a page's links, `[text](target)`, with their lines; code blocks are
    /// left out.
    static func links(of page: SourceFile) -> [(line: Int, target: String)] {
        var isCode = false
        return page.text.lines.indices.flatMap { line -> [(line: Int, target: String)] in
            let text = page.text.lines[line]
            if text.trimmed.hasPrefix("```") { isCode.toggle() }
            guard !isCode else { return [] }
            return text.split(separator: "](", omittingEmptySubsequences: false).dropFirst()
                .compactMap { rest in
                    let target = rest.prefix { $0 != ")" }
                    return target.contains("://") ? nil : (line, String(target))
                }
        }
    }

    static func links(_ page: SourceFile) -> [Violation] {
        links(of: page).compactMap { line, target in
            let parts = target.split(
                separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            guard let path = resolve(String(parts[0]), from: page), Repository.exists(path) else {
                return Violation(page, line: line, "\(target) leads nowhere")
            }
            guard parts.count == 2, path.hasSuffix(".md") else { return nil }
            let text = Repository.contents(path) ?? ""
            guard !anchors(of: text).contains(String(parts[1])) else { return nil }
            return Violation(page, line: line, "\(path) has no heading #\(parts[1])")
        }
    }

    /// The path from the top of the repository; nil where it climbs out of it.
    static func resolve(_ target: String, from page: SourceFile) -> String? {
        guard !target.isEmpty else { return page.path }
        guard !target.hasPrefix("/") else { return nil }
        var path = page.folder.split(separator: "/")
        for part in target.split(separator: "/") where part != "." {
            if part == ".." {
                guard path.popLast() != nil else { return nil }
            } else {
                path.append(part)
            }
        }
        return path.joined(separator: "/")
    }

    /// Headings as a forge turns them into anchors.
    static func anchors(of text: String) -> Set<String> {
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                let words = heading.drop { $0 == "#" || $0 == " " }.lowercased()
                return String(
                    words.compactMap { character in
                        if character == " " { return "-" }
                        let isKept =
                            character.isLetter || character.isNumber || "-_".contains(character)
                        return isKept ? character : nil
                    })
            })
    }

    /// The trip links each room's file: a step that has none has no proof.
    static func steps(_ trip: SourceFile) -> [Violation] {
        trip.text.lines.indices.compactMap { line in
            let text = trip.text.lines[line]
            guard text.first?.isNumber == true, text.contains(". ") else { return nil }
            let isLinked = links(of: trip).contains { link in
                link.line >= line && link.target.hasSuffix(".swift")
                    && !trip.text.lines[(line + 1)..<max(line + 1, link.line + 1)]
                        .contains { $0.trimmed.isEmpty || $0.first?.isNumber == true }
            }
            return isLinked ? nil : Violation(trip, line: line, "a step without a link to its file")
        }
    }

    /// The metrics that a page names, in order; the databases and roles that begin like them have
    /// none of their endings.
    static func metrics(of page: String) -> [String] {
        let endings = ["_total", "_seconds", "_seconds_bucket", "_messages"]
        let words = page.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        return Set(words)
            .filter { word in word.hasPrefix("kassa_") && endings.contains { word.hasSuffix($0) } }
            .sorted()
    }

    /// Whether the sources have a metric of that name, whose ending may be the exposition's.
    static func isExported(_ metric: String, by code: String) -> Bool {
        let endings = ["", "_total", "_seconds", "_bucket", "_seconds_bucket"]
        return endings.contains { ending in
            metric.hasSuffix(ending)
                && code.contains("\"\(metric.dropLast(ending.count))\"")
        }
    }
}
