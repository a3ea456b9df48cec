import Access
import FoundationEssentials

/// A daemon's tokens file, as the operator changes it: comments stay, and it is replaced in one
/// step, so that no daemon ever reads half of it.
struct TokensFile {
    private let path: String
    private var lines: [String] = []

    /// - Parameter isNewAllowed: whether the file may be missing.
    /// - Throws: ``Complaint`` where it cannot be read or is no tokens file.
    init(_ path: String, isNewAllowed: Bool) throws(Complaint) {
        self.path = path
        do {
            let text = String(decoding: try TextFile.read(path), as: UTF8.self)
            lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if lines.last?.isEmpty == true { lines.removeLast() }
        } catch {
            guard error.isMissing, isNewAllowed else {
                throw Complaint("cannot read \(path): \(error.reason)", .badSettings)
            }
        }
    }

    /// Everybody in it.
    func entries() throws(Complaint) -> [TokenSet.Entry] { try read(lines).entries }

    /// Adds a line and writes the file.
    mutating func add(_ entry: TokenSet.Entry) throws(Complaint) {
        lines.append(entry.line)
        _ = try read(lines)
        try write()
    }

    /// Takes lines out and writes the file; gives back how many.
    ///
    /// - Throws: ``Complaint`` also where no token would be left: no daemon takes such a file.
    mutating func remove(
        where isGone: (TokenSet.Entry) -> Bool
    ) throws(Complaint) -> Int {
        _ = try read(lines)
        let kept = lines.filter { line in
            guard let entry = try? TokenSet(parsing: line).entries.first else { return true }
            return !isGone(entry)
        }
        let count = lines.count - kept.count
        guard count > 0 else { return 0 }
        guard kept.contains(where: { (try? TokenSet(parsing: $0)) != nil }) else {
            throw Complaint(
                "no token would be left in \(path), and no daemon takes an empty file: add "
                    + "another one first", .refused)
        }
        lines = kept
        try write()
        return count
    }

    private func read(_ lines: [String]) throws(Complaint) -> TokenSet {
        do {
            return try TokenSet(parsing: lines.joined(separator: "\n"))
        } catch {
            throw Complaint("\(path) is no tokens file: \(error)", .badSettings)
        }
    }

    /// Keeps the mode and the owner of a file that is there: the daemon must be able to read it.
    private func write() throws(Complaint) {
        let before = try? FileManager.default.attributesOfItem(atPath: path)
        do {
            try TextFile.replace(path, lines.map { $0 + "\n" }.joined())
        } catch {
            throw Complaint("cannot write \(path): \(error.reason)", .badSettings)
        }
        let kept: [FileAttributeKey] = [
            .posixPermissions, .ownerAccountID, .groupOwnerAccountID,
        ]
        for key in kept {
            guard let value = before?[key] else { continue }
            // Only root can give it to another; for everybody else it is their own already.
            try? FileManager.default.setAttributes([key: value], ofItemAtPath: path)
        }
    }
}
