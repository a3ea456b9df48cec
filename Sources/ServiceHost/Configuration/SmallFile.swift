import Glibc

/// A file of settings: small, and text.
package enum SmallFile {
    /// Why a file could not be read.
    package struct Fault: Error {
        /// In the system's words.
        package let reason: String
    }

    /// More than any such file needs: 65,536 bytes.
    static let limit = 65_536

    /// The text without the line feeds at its end.
    ///
    /// - Throws: ``Fault``, also for a file longer than 65,536 bytes and one that is no UTF-8.
    package static func read(_ path: String) throws(Fault) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw Fault(reason: String(cString: strerror(errno))) }
            if count == 0 { return try text(bytes) }
            bytes += buffer[..<count]
        }
        throw Fault(reason: "it is longer than \(limit) bytes")
    }

    private static func text(_ bytes: [UInt8]) throws(Fault) -> String {
        var bytes = bytes[...]
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(reason: "it is no UTF-8")
        }
        return text
    }
}
