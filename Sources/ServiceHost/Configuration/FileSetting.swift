package import ArgumentParser

/// A setting whose value is a file's path, so that the file can be read anew while the daemon runs.
///
/// A flag wins over the environment variable, which wins over systemd's credential of its name.
package struct FileSetting: Sendable {
    private let name: String
    private let credential: String
    private let summary: String

    /// - Parameters:
    ///   - name: the environment variable's, such as `TOKENS_FILE`.
    ///   - credential: systemd's name for it, such as `tokens`.
    ///   - summary: one sentence for `--help`.
    package init(_ name: String, credential: String, _ summary: String) {
        self.name = name
        self.credential = credential
        self.summary = summary
    }

    /// The text for `--help`.
    package var help: ArgumentHelp {
        ArgumentHelp(
            "\(summary) (environment: \(name), or the systemd credential \(credential))",
            valueName: "path")
    }

    /// The file's path; nil where nobody gives one.
    package func resolve(flag: String?, from sources: SettingSources = .process) -> String? {
        flag ?? sources.value(name) ?? sources.credentialPath(credential)
    }
}
