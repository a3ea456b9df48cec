import Foundation

/// A file of the repository, named by its path from the top.
struct SourceFile: Sendable, CustomStringConvertible {
    let path: String
    let text: SourceText

    init(path: String, _ text: String) {
        self.path = path
        self.text = SourceText(text)
    }

    var description: String { path }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    var folder: String { path.split(separator: "/").dropLast().joined(separator: "/") }

    /// Made by protoc; not ours to mend.
    var isGenerated: Bool { path.hasSuffix(".pb.swift") || path.hasSuffix(".grpc.swift") }
}

/// What a rule found: where, and what to do about it.
struct Violation: Hashable, Sendable, CustomStringConvertible {
    let place: String
    let advice: String

    init(_ file: SourceFile, line: Int, _ advice: String) {
        place = "\(file.path):\(line + 1)"
        self.advice = advice
    }

    init(_ place: String, _ advice: String) {
        self.place = place
        self.advice = advice
    }

    var description: String { "\(place): \(advice)" }
}

/// The checkout that these tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let folders = ["Sources", "services", "tui", "deploy", "Tests", "docs"]

    /// Every Swift file, the generated ones left out.
    static let swiftFiles: [SourceFile] = paths(endingIn: ".swift")
        .compactMap { path in contents(path).map { SourceFile(path: path, $0) } }
        .filter { !$0.isGenerated }

    /// The pages for people: docs, READMEs.
    static let pages: [SourceFile] = (paths(endingIn: ".md") + ["README.md"])
        .compactMap { path in contents(path).map { SourceFile(path: path, $0) } }

    /// The mistakes that the suite must find, by their paths.
    static let mutants = paths(endingIn: ".mutant")

    static func contents(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static func paths(endingIn end: String) -> [String] {
        folders.flatMap { folder in
            let inside = try? FileManager.default.subpathsOfDirectory(
                atPath: root.appending(path: folder).path)
            return (inside ?? []).filter { $0.hasSuffix(end) }.map { "\(folder)/\($0)" }
        }.sorted()
    }
}
