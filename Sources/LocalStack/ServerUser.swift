import Glibc

/// The unprivileged account that owns the servers' files and processes when root asks for a stack:
/// PostgreSQL refuses to run as root, and a broker has no need to.
package struct ServerUser: Sendable, Equatable, Codable {
    package let name: String
    package let userID: UInt32
    package let groupID: UInt32

    /// An account by its numbers.
    package init(name: String, userID: UInt32, groupID: UInt32) {
        self.name = name
        self.userID = userID
        self.groupID = groupID
    }

    /// Accounts in the order in which they are taken; all of them exist on Debian once its packages
    /// do.
    package static let candidates = ["postgres", "rabbitmq", "nobody"]

    /// Nobody to become for an ordinary caller; for root the first candidate that exists.
    ///
    /// - Throws: ``StackError`` when root calls and no candidate exists.
    package static func choose(
        effectiveUser: UInt32 = geteuid(), lookup: (String) -> ServerUser? = ServerUser.init(named:)
    ) throws -> ServerUser? {
        guard effectiveUser == 0 else { return nil }
        for name in candidates {
            if let user = lookup(name) { return user }
        }
        let names = candidates.joined(separator: ", ")
        throw StackError(
            "Called by root, but none of the accounts \(names) exists to run the servers as.")
    }

    /// The account as the system's user database knows it, or `nil`.
    package init?(named name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return nil
        }
        self.init(name: name, userID: entry.pw_uid, groupID: entry.pw_gid)
    }
}
