import Glibc

/// Asks the kernel about loopback ports.
package enum FreePort {
    /// Whether nobody listens on 127.0.0.1:`port` now; somebody may a moment later.
    package static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As the servers do: a port whose last connections linger in TIME_WAIT is free.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return withLoopbackAddress(port) { bind(descriptor, $0, $1) } == 0
    }

    /// A port that nobody listens on, out of the range that outgoing connections use, and that
    /// nobody else is given while this process lives.
    ///
    /// - Throws: ``StackError`` when 200 random ones are all taken.
    package static func any() throws -> Int {
        try PortPlan.scattered(for: [.gateway])[.gateway]
    }
}

/// Calls `body` with the socket address of 127.0.0.1:`port`.
func withLoopbackAddress<Result>(
    _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    return withUnsafePointer(to: address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
