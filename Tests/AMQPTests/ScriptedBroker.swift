import Glibc
import PinnedThread
import Synchronization
import Testing

/// A peer that speaks just enough AMQP to be logged in to, and then does what its script says: the
/// faults that a real broker cannot be made to show.
final class ScriptedBroker: Sendable {
    enum Script: Sendable {
        /// Accepts and never says a word.
        case mute
        /// Shakes hands, opens a channel, selects confirms, then neither reads nor writes.
        case silentAfterHandshake
        /// Shakes hands, then answers each heartbeat with one.
        case heartbeatsOnly
        /// Shakes hands, answers heartbeats, reads publishes and never confirms one.
        case neverConfirms
        /// Shakes hands, then announces a body before any message.
        case disorderly
    }

    let port: Int
    private let script: Script
    private let listener: Int32
    private let peer = Atomic<Int32>(-1)
    private let beats = Atomic<Int>(0)
    private let thread: Runner

    private actor Runner {
        private let thread: PinnedThread
        init() throws { thread = try PinnedThread(name: "scripted broker") }
        nonisolated var unownedExecutor: UnownedSerialExecutor {
            thread.asUnownedSerialExecutor()
        }
        func run(_ body: @Sendable () -> Void) { body() }
    }

    init(_ script: Script) throws {
        self.script = script
        thread = try Runner()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, size) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, generic, &size) == 0
            }
        }
        try #require(bound)
        port = Int(UInt16(bigEndian: address.sin_port))
        Task { [self] in await thread.run { self.serve() } }
    }

    /// Heartbeats the client has sent.
    var heartbeats: Int { beats.load(ordering: .acquiring) }

    /// Ends the script, whatever it waits for.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        let peer = peer.load(ordering: .acquiring)
        if peer >= 0 { shutdown(peer, Int32(SHUT_RDWR)) }
    }

    private func serve() {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else { return }
        self.peer.store(peer, ordering: .releasing)
        defer {
            close(peer)
            close(listener)
        }
        if script == .mute {
            _ = read(peer, count: Int.max)
            return
        }
        guard read(peer, count: 8) != nil else { return }
        // connection.start 0-9, tune, open-ok, channel.open-ok: each after what the client says
        // first.
        send(peer, channel: 0, [0, 10, 0, 10, 0, 9, 0, 0, 0, 0] + long("PLAIN") + long("en_US"))
        awaitMethod(peer, [0, 10, 0, 11])
        send(peer, channel: 0, [0, 10, 0, 30, 0, 1, 0, 2, 0, 0, 0, 1])
        awaitMethod(peer, [0, 10, 0, 40])
        send(peer, channel: 0, [0, 10, 0, 41, 0])
        awaitMethod(peer, [0, 20, 0, 10])
        send(peer, channel: 1, [0, 20, 0, 11, 0, 0, 0, 0])
        switch script {
        case .mute: break
        case .heartbeatsOnly: converse(peer)
        case .disorderly: write(peer, [3, 0, 1, 0, 0, 0, 1, 0, 0xCE])
        case .silentAfterHandshake, .neverConfirms:
            awaitMethod(peer, [0, 85, 0, 10])
            send(peer, channel: 1, [0, 85, 0, 11])
            if script == .neverConfirms { converse(peer) }
        }
        // Reads nothing and waits for stop() or a reset, which poll reports unasked.
        var gone = pollfd(fd: peer, events: 0, revents: 0)
        poll(&gone, 1, 60_000)
    }

    private func converse(_ peer: Int32) {
        while let frame = frame(peer) {
            guard frame.type == 8 else { continue }
            beats.add(1, ordering: .acquiringAndReleasing)
            write(peer, [8, 0, 0, 0, 0, 0, 0, 0xCE])
        }
    }

    private func awaitMethod(_ peer: Int32, _ method: [UInt8]) {
        while let frame = frame(peer) {
            if frame.type == 1, frame.payload.starts(with: method) { return }
        }
    }

    private func frame(_ peer: Int32) -> (type: UInt8, payload: [UInt8])? {
        guard let head = read(peer, count: 7) else { return nil }
        let size = head[3...6].reduce(0) { $0 << 8 | Int($1) }
        guard let rest = read(peer, count: size + 1) else { return nil }
        return (head[0], rest.dropLast())
    }

    private func read(_ peer: Int32, count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < count {
            let got = Glibc.read(peer, &buffer, min(buffer.count, count - bytes.count))
            guard got > 0 else { return nil }
            bytes += buffer.prefix(got)
        }
        return bytes
    }

    private func send(_ peer: Int32, channel: UInt8, _ payload: [UInt8]) {
        let size = payload.count
        write(
            peer, [1, 0, channel, 0, 0, UInt8(size >> 8), UInt8(size & 255)] + payload + [0xCE])
    }

    private func write(_ peer: Int32, _ bytes: [UInt8]) {
        _ = Glibc.send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func long(_ text: String) -> [UInt8] {
        [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
    }
}
