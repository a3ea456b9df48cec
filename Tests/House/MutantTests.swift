import Foundation
import Testing

/// The mistakes of Tests/Mutants: each must still be one that the sources can make.
struct MutantTests {
    /// One place of a mistake.
    private struct Edit {
        let path: String
        let old: String
        let new: String

        /// Reads what follows an `in` at the beginning of a line; nil for anything else.
        init?(_ block: String) {
            let lines = block.components(separatedBy: "\n")
            guard lines.count > 1, lines[1] == "<<<", let middle = lines.firstIndex(of: "==="),
                let end = lines.firstIndex(of: ">>>"), middle < end
            else { return nil }
            path = lines[0]
            old = lines[2..<middle].map { $0 + "\n" }.joined()
            new = lines[(middle + 1)..<end].map { $0 + "\n" }.joined()
        }
    }

    @Test func `there are mutants`() { #expect(Repository.mutants.count >= 15) }

    @Test(arguments: Repository.mutants) func `a mutant applies to the sources as they are`(
        mutant: String
    ) throws {
        let text = try #require(Repository.contents(mutant))
        #expect(text.contains("\nbreaks: ") && text.contains("\nkilled by: "))
        let blocks = text.components(separatedBy: "\nin ").dropFirst()
        #expect(!blocks.isEmpty)
        for block in blocks {
            let edit = try #require(Edit(block), "this is no edit:\n\(block)")
            let source = try #require(
                Repository.contents(edit.path), "\(edit.path) is not there")
            let count = source.components(separatedBy: edit.old).count - 1
            #expect(count == 1, "\(edit.path) has this \(count) times:\n\(edit.old)")
            #expect(edit.old != edit.new)
        }
    }
}
