import Glibc

/// Tells systemd how the daemon is doing (sd_notify); says nothing where there is no
/// `NOTIFY_SOCKET`.
package struct ServiceNotifier: Sendable {
    private let path: String?

    /// This process's.
    package static let process = ServiceNotifier(
        path: getenv("NOTIFY_SOCKET").map { String(cString: $0) })

    /// - Parameter path: the datagram socket's; an `@` at its start means the abstract namespace.
    package init(path: String?) { self.path = path.flatMap { $0.isEmpty ? nil : $0 } }

    /// Sends one notice.
    ///
    /// Never waits and never fails: a service manager that does not listen is no reason to stop
    /// serving.
    package func notify(_ notice: ServiceNotice) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { target in
            target.copyBytes(from: bytes)
            if bytes.first == UInt8(ascii: "@") { target[0] = 0 }
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = notice.text
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(
                    descriptor, text, text.utf8.count,
                    Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), address, length)
            }
        }
    }
}
