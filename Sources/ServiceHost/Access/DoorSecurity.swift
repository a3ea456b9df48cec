import Access
package import Logging

/// Who may come in at a daemon's doors, and by what the doors prove themselves.
package struct DoorSecurity: Sendable {
    /// Decides who comes in.
    package let access: AccessGuard
    /// What the doors prove themselves by; nil serves in the clear.
    package let certificates: ServerCertificates?
    private let tokensFile: String?

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - tokensFile: nil lets everybody in.
    ///   - certificateFile: with `keyFile`, or neither.
    /// - Throws: ``ConfigurationFault`` for a file that cannot be used.
    package init(
        tokensFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil
    ) throws(ConfigurationFault) {
        self.tokensFile = tokensFile
        if let tokensFile {
            access = AccessGuard(tokens: try Self.tokens(tokensFile))
        } else {
            access = AccessGuard(tokens: nil)
        }
        switch (certificateFile, keyFile) {
        case (let certificate?, let key?):
            certificates = try ServerCertificates(certificateFile: certificate, keyFile: key)
        case (nil, nil): certificates = nil
        default:
            throw ConfigurationFault("--tls-certificate and --tls-key go together: one is missing")
        }
    }

    /// Whether everybody who comes in is known and nobody can listen.
    package var isComplete: Bool { tokensFile != nil && certificates != nil }

    /// What SIGHUP reads anew.
    package var reloads: [Reload] {
        var reloads: [Reload] = []
        if let tokensFile {
            reloads.append(
                Reload("tokens") { [access] in access.replace(try Self.tokens(tokensFile)) })
        }
        if let certificates {
            reloads.append(Reload("certificate") { try certificates.reload() })
        }
        return reloads
    }

    /// Says it loudly where nobody is asked for a token.
    package func announce(_ logger: Logger) {
        guard tokensFile == nil else { return }
        logger.warning(
            """
            no tokens: whoever reaches this daemon may do everything; give --tokens-file to ask \
            callers who they are
            """)
    }

    private static func tokens(_ path: String) throws(ConfigurationFault) -> TokenSet {
        let text: String
        do {
            text = try SmallFile.read(path)
        } catch {
            throw ConfigurationFault("the tokens file \(path) cannot be read: \(error.reason)")
        }
        do {
            return try TokenSet(parsing: text)
        } catch {
            throw ConfigurationFault("the tokens file \(path) is of no use: \(error)")
        }
    }
}
