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
        if let path = environment["\(name)_FILE"], !path.isEmpty {
            guard let text = Self.contents(of: path) else {
                throw ValidationError(
                    "\(name)_FILE: '\(path)' cannot be read: \(String(cString: strerror(errno)))")
            }
            return (text, "\(name)_FILE")
        }
        if let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty,
            let text = Self.contents(of: "\(directory)/\(name)")
                ?? Self.contents(of: "\(directory)/\(name.lowercased())")
        {
            return (text, "the credential \(name)")
        }
        if let value = environment[name], !value.isEmpty { return (value, name) }
        return nil
    }

    /// A small file's text without the line feed at its end; nil where it cannot be read.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= 65_536 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
