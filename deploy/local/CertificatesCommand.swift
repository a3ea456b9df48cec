import ArgumentParser
import Foundation
import LocalStack

/// `--secure`, of those commands that start a stack.
struct SecurityOption: ParsableArguments {
    @Flag(
        help: """
            TLS everywhere, to PostgreSQL and RabbitMQ too, and tokens at the doors; certificates \
            and tokens are made in the stack's folder where they are missing.
            """)
    var secure = false

    /// To be passed on.
    var arguments: [String] { secure ? ["--secure"] : [] }
}

/// `certificates`: an authority of one's own, and a certificate by it.
struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates",
        abstract: "Make an authority and a certificate for this machine, to try TLS out.",
        discussion: """
            An authority that is there already is kept, and a new certificate is made by it: \
            callers who trust the authority trust the new certificate. SIGHUP makes a daemon take \
            it. Nobody else trusts the authority: give its file to those who call, as in \
            'curl --cacert .kassa/certificates/ca.pem'.
            """)

    @Option(name: .customLong("dir"), help: "The folder for them.")
    var directory = ".kassa/certificates"

    @Option(help: "A host name or address besides this machine's own; may be repeated.")
    var name: [String] = []

    func run() async throws {
        guard name.allSatisfy(Self.isName) else {
            throw ValidationError("--name takes a host name or an IP address")
        }
        let here = FileManager.default.currentDirectoryPath
        let folder = directory.hasPrefix("/") ? directory : "\(here)/\(directory)"
        let certificates = Certificates(folder: folder, names: name)
        try await certificates.prepare(isFresh: true)
        say("TLS_CERTIFICATE=\(certificates.certificate)")
        say("TLS_KEY=\(certificates.key)")
        say("authority: \(certificates.authority)")
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                Character(UnicodeScalar(byte)).isASCIIAlphanumeric || ".:-*".utf8.contains(byte)
            }
    }
}

extension Character {
    fileprivate var isASCIIAlphanumeric: Bool { isASCII && (isLetter || isNumber) }
}
