/// The walls between the rooms.
enum ImportRules {
    /// The modules that a file imports, with their lines.
    static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        file.text.code.indices.compactMap { line in
            let words = file.text.words(line)
            guard let place = words.firstIndex(of: "import"),
                words[..<place].allSatisfy({ accessLevels.contains(String($0)) }),
                let name = words[(place + 1)...].first(where: { !kinds.contains(String($0)) }),
                let module = name.split(separator: ".").first
            else { return nil }
            return (line, String(module))
        }
    }

    private static let accessLevels: Set<String> = [
        "fileprivate", "internal", "package", "private", "public",
    ]
    private static let kinds: Set<String> = [
        "actor", "class", "enum", "func", "let", "protocol", "struct", "typealias", "var",
    ]

    /// A room imports what the table grants it.
    static func table(_ file: SourceFile) -> [Violation] {
        guard !file.path.hasPrefix("Tests/") else { return [] }
        guard let room = HouseMap.room(of: file) else {
            return [Violation(file.path, "no room of HouseMap has this folder: enter it")]
        }
        let granted = room.imports.union(HouseMap.language)
        return imports(of: file).filter { !granted.contains($0.module) }.map {
            Violation(file, line: $0.line, "\(room.target) may not import \($0.module)")
        }
    }

    /// Orders and Payments never meet but in messages: not in a room, not in a unit test.
    static func separation(_ file: SourceFile) -> [Violation] {
        let sides = [("orders", "Payments"), ("payments", "Orders")]
        return sides.flatMap { side, other -> [Violation] in
            let isOfSide =
                file.path.hasPrefix("services/\(side)/")
                || file.path.lowercased().hasPrefix("tests/\(side)")
            guard isOfSide else { return [] }
            return imports(of: file).filter { $0.module.hasPrefix(other) }.map {
                Violation(file, line: $0.line, "\(side) may not import \($0.module)")
            }
        }
    }

    /// A C library is seen by its wrapper alone, tests included.
    static func wrappers(_ file: SourceFile) -> [Violation] {
        imports(of: file).compactMap { line, module in
            guard let owner = HouseMap.wrapped[module],
                HouseMap.room(of: file)?.target.hasSuffix(owner) != true
            else { return nil }
            return Violation(file, line: line, "\(module) is for \(owner) alone")
        }
    }

    /// In a daemon, one file knows what its ports are made of.
    static func composition(_ file: SourceFile) -> [Violation] {
        guard file.folder.hasSuffix("/Daemon"), file.name != "Composition.swift" else { return [] }
        return imports(of: file).filter { HouseMap.adapters.contains($0.module) }.map {
            Violation(file, line: $0.line, "\($0.module) is for Composition.swift alone")
        }
    }

    /// One test framework.
    static func testing(_ file: SourceFile) -> [Violation] {
        imports(of: file).filter { $0.module == "XCTest" }.map {
            Violation(file, line: $0.line, "tests are written with Swift Testing")
        }
    }
}
