/// The tokens that a daemon knows: one line each, `name role sha256`; `#` begins a comment.
///
/// A name may have several tokens, so that a new one can be given out before the old one goes; they
/// all have one role.
package struct TokenSet: Sendable {
    /// One token's line.
    package struct Entry: Sendable {
        /// Whose it is.
        package let caller: Caller
        /// What is kept of it.
        package let digest: TokenDigest

        /// - Parameters: as the properties.
        package init(caller: Caller, digest: TokenDigest) {
            self.caller = caller
            self.digest = digest
        }

        /// The line, without a line feed.
        package var line: String {
            "\(caller.name) \(caller.role?.rawValue ?? "") \(digest.hexadecimal)"
        }
    }

    /// Why a file is no tokens file, in one line that shows nothing of it but names.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// Such as `line 3: no role 'admin': viewer, operator or service`.
        package let description: String
    }

    /// In the file's order.
    package let entries: [Entry]

    /// Reads a tokens file.
    ///
    /// - Throws: ``Fault`` for a line that is none, and for a file without any token: it is more
    ///   likely half-written than meant to lock everybody out.
    package init(parsing text: String) throws(Fault) {
        var entries: [Entry] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let content = line.prefix { $0 != "#" }
            let words = content.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard !words.isEmpty else { continue }
            do throws(Fault) {
                let entry = try Self.entry(words)
                try Self.requireConsistent(entry, with: entries)
                entries.append(entry)
            } catch {
                throw Fault(description: "line \(index + 1): \(error)")
            }
        }
        guard !entries.isEmpty else { throw Fault(description: "it holds no token") }
        self.entries = entries
    }

    /// Whose token this is; nil where nobody's. Every entry is compared, in a time that tells
    /// nothing of which one it was.
    package func caller(showing token: String) -> Caller? {
        let shown = TokenDigest(of: token)
        return entries.reduce(nil) { found, entry in
            entry.digest.matches(shown) ? entry.caller : found
        }
    }

    private static func entry(_ words: [String]) throws(Fault) -> Entry {
        guard words.count == 3 else {
            throw Fault(description: "expected: name role sha256")
        }
        guard let name = CallerName(words[0]) else {
            throw Fault(
                description: "a name is 1 to 64 of A-Z a-z 0-9 . - _, first a letter or digit")
        }
        guard let role = Role(rawValue: words[1]) else {
            throw Fault(description: "'\(name.text)' has no role: viewer, operator or service")
        }
        guard let digest = TokenDigest(hexadecimal: words[2]) else {
            throw Fault(description: "'\(name.text)' has no SHA-256: 64 hexadecimal digits")
        }
        return Entry(caller: Caller(name: name.text, role: role), digest: digest)
    }

    private static func requireConsistent(
        _ entry: Entry, with others: [Entry]
    ) throws(Fault) {
        let name = entry.caller.name
        guard others.allSatisfy({ $0.caller.name != name || $0.caller == entry.caller }) else {
            throw Fault(description: "'\(name)' has two roles")
        }
        guard others.allSatisfy({ !$0.digest.matches(entry.digest) }) else {
            throw Fault(description: "the token of '\(name)' is there twice")
        }
    }
}
