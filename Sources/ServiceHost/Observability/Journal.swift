import Glibc
import JSON
import Logging

/// systemd's journal, in its native protocol: each member of an entry is a field of its own, which
/// `journalctl KASSA_ORDER_ID=…` finds.
///
/// Fields have the prefix `KASSA_`: the journal has a meaning of its own for some names, such as
/// `MESSAGE_ID`.
struct Journal: Sendable {
    private let descriptor: Int32

    /// The journal that this process's standard error leads to; nil where it leads elsewhere.
    static let process = Journal(
        stream: getenv("JOURNAL_STREAM").map { String(cString: $0) },
        path: "/run/systemd/journal/socket")

    /// - Parameters:
    ///   - stream: device and inode of the journal's stream, `dev:inode`: whoever redirected
    ///     standard error wants the log there.
    ///   - path: of the journal's datagram socket.
    init?(stream: String?, path: String) {
        guard let stream, stream == Self.identity(of: STDERR_FILENO) else { return nil }
        self.init(path: path)
    }

    /// - Parameter path: of a datagram socket.
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let kind = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_UNIX, Int32(bitPattern: kind), 0)
        guard descriptor >= 0 else { return nil }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    /// - Returns: whether the journal took it; it may be busy, restarting, or find it too large.
    func write(_ entry: LogEntry) -> Bool {
        let datagram = Self.datagram(entry)
        return send(descriptor, datagram, datagram.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            == datagram.count
    }

    /// The entry as the protocol has it: `NAME=value` lines, and for values that have line feeds
    /// the name, eight bytes of length, and the value as it is.
    static func datagram(_ entry: LogEntry) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ name: String, _ value: String) {
            bytes += name.utf8
            if value.utf8.contains(UInt8(ascii: "\n")) {
                bytes.append(UInt8(ascii: "\n"))
                let length = UInt64(value.utf8.count).littleEndian
                withUnsafeBytes(of: length) { bytes += $0 }
            } else {
                bytes.append(UInt8(ascii: "="))
            }
            bytes += value.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        add("MESSAGE", line(entry))
        add("PRIORITY", priority(entry.level))
        add("SYSLOG_IDENTIFIER", entry.service)
        for member in entry.members { add(fieldName(member.name), text(member.value)) }
        return bytes
    }

    /// What `journalctl` shows without being asked for fields.
    private static func line(_ entry: LogEntry) -> String {
        guard !entry.members.isEmpty else { return entry.message }
        let extra = entry.members.map { "\($0.name)=\(text($0.value))" }.joined(separator: " ")
        return "\(entry.message)  [\(extra)]"
    }

    private static func text(_ value: JSONValue) -> String { value.string ?? value.text }

    /// Upper case letters, digits and underscores, at most 64 of them.
    private static func fieldName(_ name: String) -> String {
        let allowed = name.uppercased().map { character in
            character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
        }
        return String(("KASSA_" + String(allowed)).prefix(64))
    }

    /// The kernel's levels: emergency 0 to debug 7.
    private static func priority(_ level: Logger.Level) -> String {
        switch level {
        case .critical: "2"
        case .error: "3"
        case .warning: "4"
        case .notice: "5"
        case .info: "6"
        case .debug, .trace: "7"
        }
    }

    /// Device and inode by their places, the first two in Linux's `stat` on 64 bits: to which
    /// module the members' names belong depends on what else the compiler happens to have read.
    private static func identity(of descriptor: Int32) -> String? {
        withUnsafeTemporaryAllocation(of: stat.self, capacity: 1) { status in
            guard let pointer = status.baseAddress, fstat(descriptor, pointer) == 0 else {
                return nil
            }
            let bytes = UnsafeRawPointer(pointer)
            let device = bytes.load(as: dev_t.self)
            let inode = bytes.load(fromByteOffset: MemoryLayout<dev_t>.size, as: ino_t.self)
            return "\(device):\(inode)"
        }
    }
}
