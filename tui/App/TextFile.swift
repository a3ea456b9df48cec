import FoundationEssentials
import Glibc

/// Small text files.
enum TextFile {
    /// Why a file could not be used, in words such as "no such file or directory".
    struct Fault: Error {
        let isMissing: Bool
        let reason: String

        init(errno code: Int32) {
            isMissing = code == ENOENT
            reason = String(cString: strerror(code)).lowercased()
        }
    }

    /// Reads a file whole.
    ///
    /// - Parameter limit: bytes; a longer file is refused, as is one that is no UTF-8.
    static func read(_ path: String, limit: Int = 65_536) throws(Fault) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(errno: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &part, part.count)
            guard count >= 0 else { throw Fault(errno: errno) }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
        throw Fault(errno: EFBIG)
    }

    /// Writes a new file, for the operator's eyes alone, never over another.
    static func create(_ path: String, _ text: String) throws(Fault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Fault(errno: errno) }
        defer { close(descriptor) }
        try write(Array(text.utf8), to: descriptor)
    }

    /// Replaces a file in one step, and makes its folder where that is missing.
    static func replace(_ path: String, _ text: String) throws(Fault) {
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        try? FileManager.default.createDirectory(
            atPath: String(folder), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let draft = "\(path).\(getpid())"
        unlink(draft)
        try create(draft, text)
        guard rename(draft, path) == 0 else { throw Fault(errno: errno) }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Fault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Fault(errno: errno) }
            rest = rest.dropFirst(count)
        }
    }
}
