import Glibc

/// A listening socket that systemd opened and passed on (sd_listen_fds): the door's address is the
/// unit's affair then, and connections wait in it while the daemon is away.
package struct InheritedSocket: Sendable {
    /// The first descriptor that systemd passes.
    private static let first: Int32 = 3

    /// The socket; whoever serves on it owns it.
    let descriptor: Int32
    /// The address that it is bound to, such as `127.0.0.1`; a path's sockets have none.
    package let address: String?

    /// The socket that was passed to this process; nil where there is none.
    ///
    /// - Parameter environment: `LISTEN_PID` and `LISTEN_FDS`; a number for another process is not
    ///   for us.
    /// - Throws: ``StartFailure`` for more sockets than one, or for one that does not listen.
    package static func passed(
        _ environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) throws -> InheritedSocket? {
        guard environment("LISTEN_PID").flatMap({ Int32($0) }) == getpid(),
            let count = environment("LISTEN_FDS").flatMap({ Int($0) }), count > 0
        else { return nil }
        guard count == 1 else {
            throw StartFailure(
                "systemd passed \(count) sockets, but there is one HTTP door; give the socket "
                    + "unit one ListenStream")
        }
        return try InheritedSocket(taking: first)
    }

    /// - Parameter descriptor: of a stream socket that listens.
    /// - Throws: ``StartFailure`` where it is none.
    package init(taking descriptor: Int32) throws {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0,
            isListening == 1
        else {
            throw StartFailure("descriptor \(descriptor) is no socket that listens")
        }
        // A program that the daemon starts must not hold the door open.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        self.descriptor = descriptor
        address = Self.address(of: descriptor)
    }

    private static func address(of descriptor: Int32) -> String? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> String? in
                guard getsockname(descriptor, address, &size) == 0 else { return nil }
                var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                let code = getnameinfo(
                    address, size, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
                guard code == 0, address.pointee.sa_family != sa_family_t(AF_UNIX) else {
                    return nil
                }
                return String(decoding: host.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            }
        }
    }
}
