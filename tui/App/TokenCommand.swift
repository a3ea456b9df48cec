import Access
import ArgumentParser

/// `kassa token`
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make, list and revoke the tokens by which callers are known.",
        discussion: """
            A daemon's tokens file (--tokens-file) holds one 'name role sha256' a line; the token \
            itself is nowhere but with its holder. Daemons read the file anew on SIGHUP: \
            systemctl reload, or kill -HUP.
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    /// `kassa token create`
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token, and show it once.",
            discussion: """
                On standard output: the token. Its line goes into --tokens-file, which is made for \
                the owner's eyes alone where it is missing, or to standard error. A name may have \
                several tokens, of one role, while a new one takes an old one's place.
                """)

        @Option(help: "Who will hold it: letters, digits, '.', '-', '_'.")
        var name: String
        @Option(help: "viewer looks; operator also changes; service also speaks for callers.")
        var role: RoleArgument
        @Option(help: "The file to add it to.", completion: .file())
        var tokensFile: String?

        func run() throws {
            guard let name = CallerName(name) else {
                throw ValidationError(
                    "--name takes 1 to 64 of A-Z a-z 0-9 . - _, first a letter or a digit")
            }
            let token = Token()
            let entry = TokenSet.Entry(
                caller: Caller(name: name.text, role: role.role),
                digest: TokenDigest(of: token.text))
            if let tokensFile {
                var file = try TokensFile(tokensFile, isNewAllowed: true)
                try file.add(entry)
                say(token.text)
            } else {
                say(token.text)
                remark(entry.line)
            }
        }
    }

    /// `kassa token list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show who may come in: name, role, and the beginning of the SHA-256.")

        @Option(help: "The file.", completion: .file()) var tokensFile: String

        func run() throws {
            let file = try TokensFile(tokensFile, isNewAllowed: false)
            for entry in try file.entries() {
                let role = entry.caller.role?.rawValue ?? ""
                say("\(entry.caller.name) \(role) \(entry.digest.hexadecimal.prefix(12))")
            }
        }
    }

    /// `kassa token revoke`
    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a name's tokens out of the file.",
            discussion: "All of them, or the one whose SHA-256 begins as --digest says.")

        @Option(help: "Whose.") var name: String
        @Option(help: "The beginning of the SHA-256, as 'token list' shows it.")
        var digest: String = ""
        @Option(help: "The file.", completion: .file()) var tokensFile: String

        func run() throws {
            var file = try TokensFile(tokensFile, isNewAllowed: false)
            let count = try file.remove { entry in
                entry.caller.name == name && entry.digest.hexadecimal.hasPrefix(digest)
            }
            guard count > 0 else {
                throw Complaint("\(tokensFile) has no such token of '\(name)'", .refused)
            }
            say("revoked: \(count); it takes effect when the daemons have read the file (SIGHUP)")
        }
    }
}

/// A role on the command line.
struct RoleArgument: ExpressibleByArgument {
    let role: Role

    init?(argument: String) {
        guard let role = Role(rawValue: argument) else { return nil }
        self.role = role
    }

    static let allValueStrings = Role.allCases.map(\.rawValue)
}
