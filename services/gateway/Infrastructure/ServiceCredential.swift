import Access
package import ServiceHost
import Synchronization

/// What the gateway shows at the services' doors: its own token, and for whom it speaks.
///
/// A caller's own token ends at the gateway; the services believe its word for who called, because
/// its token has the role service.
package final class ServiceCredential: Sendable {
    private let file: String?
    private let token: Mutex<String?>

    /// - Parameter tokenFile: a file whose first line is the token; nil shows none, to services
    ///   that ask for none.
    /// - Throws: ``ConfigurationFault`` for a file that cannot be used.
    package init(tokenFile: String? = nil) throws(ConfigurationFault) {
        file = tokenFile
        token = Mutex(try tokenFile.map { path throws(ConfigurationFault) in try Self.read(path) })
    }

    /// What SIGHUP reads anew.
    package var reloads: [Reload] {
        guard let file else { return [] }
        return [
            Reload("service token") {
                let fresh = try Self.read(file)
                self.token.withLock { $0 = fresh }
            }
        ]
    }

    /// The fields of a call, by lower-case name; none without a token. Nobody is spoken for where
    /// the gateway itself asks nobody who they are.
    func fields(speakingFor caller: Caller) -> [(name: String, value: String)] {
        guard let token = token.withLock({ $0 }) else { return [] }
        let own = [(name: "authorization", value: "Bearer \(token)")]
        guard let role = caller.role else { return own }
        return own + [
            (name: "kassa-caller", value: caller.name),
            (name: "kassa-caller-role", value: role.rawValue),
        ]
    }

    private static func read(_ path: String) throws(ConfigurationFault) -> String {
        let text: String
        do {
            text = try SmallFile.read(path)
        } catch {
            throw ConfigurationFault("the service token file \(path): \(error.reason)")
        }
        let line = text.prefix { $0 != "\n" && $0 != "\r\n" }
        guard !line.isEmpty, line.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ConfigurationFault("the service token file \(path) holds no token in its line 1")
        }
        return String(line)
    }
}
