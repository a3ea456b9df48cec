import ArgumentParser
import Glibc

/// Where settings come from besides flags: files, systemd's credentials and the environment.
package struct SettingSources: Sendable {
    private let environment: [String: String]

    /// This process's.
    package static var process: SettingSources {
        var variables: [String: String] = [:]
        var entry = environ
        while let pair = entry.pointee {
            let text = String(cString: pair)
            if let split = text.firstIndex(of: "=") {
                variables[String(text[..<split])] = String(text[text.index(after: split)...])
            }
            entry += 1
        }
        return SettingSources(environment: variables)
    }

    /// - Parameter environment: names and values; `CREDENTIALS_DIRECTORY` and `…_FILE` in it are
    ///   followed.
    package init(environment: [String: String]) { self.environment = environment }

    /// The value and where it stood, or nil where nobody gives one. An empty variable counts as not
    /// given.
    ///
    /// - Throws: `ValidationError` for a `NAME_FILE` that cannot be read: falling back silently
    ///   would hide a mistake.
    func read(_ name: String) throws -> (text: String, origin: String)? {
        if let path = value("\(name)_FILE") {
            do {
                return (try SmallFile.read(path), "\(name)_FILE")
            } catch {
                throw ValidationError("\(name)_FILE: '\(path)' cannot be read: \(error.reason)")
            }
        }
        if let path = credentialPath(name), let text = try? SmallFile.read(path) {
            return (text, "the credential \(name)")
        }
        return value(name).map { ($0, name) }
    }

    /// An environment variable; nil where it is empty or absent.
    func value(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where systemd keeps the credential of that name, in capitals or not; nil where it has none.
    func credentialPath(_ name: String) -> String? {
        guard let directory = value("CREDENTIALS_DIRECTORY") else { return nil }
        return [name, name.lowercased()].map { "\(directory)/\($0)" }
            .first { access($0, R_OK) == 0 }
    }
}
