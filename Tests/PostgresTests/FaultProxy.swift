import Foundation
import Glibc
import Synchronization
import Testing

/// A TCP proxy on loopback, before a real server, that fails the way networks do.
final class FaultProxy: Sendable {
    enum Fault: Sendable, Equatable {
        case none
        /// Everything stays connected and nothing passes: what a dead peer looks like.
        case silent
        /// Every new connection is closed at once.
        case refuse
        /// Lets the client's next bytes that hold this word through, waits for the server's answer,
        /// and cuts the connection instead of passing it on. Once.
        case cutAnswer(to: String)
        /// Cuts the connection at the client's next bytes that hold this word. Once.
        case cutBefore(String)
    }

    private struct Link {
        let client: Int32
        let server: Int32
        var awaitsCut = false
    }

    let url: String
    private let target: UInt16
    private let listener: Int32
    private let fault = Mutex(Fault.none)
    private let isStopped = Atomic<Bool>(false)
    private let attempts = Atomic<Int>(0)

    /// - Parameter url: a libpq URL with a numeric loopback address.
    init(before url: String) throws {
        var components = try #require(URLComponents(string: url))
        target = UInt16(try #require(components.port))
        listener = try Loopback.listen()
        components.host = "127.0.0.1"
        components.port = Int(try Loopback.port(of: listener))
        self.url = try #require(components.string)
        Thread.detachNewThread { [self] in run() }
    }

    /// How often a client has connected.
    var connections: Int { attempts.load(ordering: .relaxed) }

    func set(_ fault: Fault) { self.fault.withLock { $0 = fault } }

    /// Cuts every connection and ends the thread.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func run() {
        var links: [Link] = []
        while !isStopped.load(ordering: .relaxed) {
            let isSilent = fault.withLock { $0 == .silent }
            var entries = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            if !isSilent {
                for descriptor in links.flatMap({ [$0.client, $0.server] }) {
                    entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
                }
            }
            // Short, so that a fault that is set takes effect.
            guard poll(&entries, nfds_t(entries.count), 5) > 0 else { continue }
            let ready = Set(entries.filter { $0.revents != 0 }.map(\.fd))
            links = links.compactMap { pump($0, ready) }
            if ready.contains(listener), let link = accept() { links.append(link) }
        }
        for descriptor in links.flatMap({ [$0.client, $0.server] }) { close(descriptor) }
        close(listener)
    }

    private func accept() -> Link? {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        attempts.add(1, ordering: .relaxed)
        guard fault.withLock({ $0 != .refuse }), let server = Loopback.connect(to: target) else {
            close(client)
            return nil
        }
        return Link(client: client, server: server)
    }

    /// Passes on what is ready; nil when the link is cut.
    private func pump(_ link: Link, _ ready: Set<Int32>) -> Link? {
        var link = link
        var isWhole = true
        if ready.contains(link.client) {
            let bytes = Loopback.read(link.client)
            isWhole = !bytes.isEmpty && !strikes(bytes, &link)
            if isWhole { isWhole = Loopback.write(bytes, to: link.server) }
        }
        if isWhole, ready.contains(link.server) {
            let bytes = Loopback.read(link.server)
            isWhole = !bytes.isEmpty && !link.awaitsCut && Loopback.write(bytes, to: link.client)
        }
        if isWhole { return link }
        close(link.client)
        close(link.server)
        return nil
    }

    /// Whether the link is to be cut before these bytes; notes a cut that comes with the answer.
    private func strikes(_ bytes: [UInt8], _ link: inout Link) -> Bool {
        fault.withLock { fault in
            let text = String(decoding: bytes, as: UTF8.self)
            switch fault {
            case .cutBefore(let word) where text.contains(word):
                fault = .none
                return true
            case .cutAnswer(let word) where text.contains(word):
                fault = .none
                link.awaitsCut = true
                return false
            default: return false
            }
        }
    }
}

/// Blocking loopback sockets.
enum Loopback {
    /// A listener on a free port; unaccepted connections stay silent for ever.
    static func listen() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        let isBound = withAddress(port: 0) { bind(descriptor, $0, $1) }
        try #require(isBound == 0 && Glibc.listen(descriptor, 64) == 0)
        return descriptor
    }

    static func port(of descriptor: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        try #require(code == 0)
        return UInt16(bigEndian: address.sin_port)
    }

    static func connect(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard withAddress(port: port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    static func read(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func withAddress(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
