import Glibc

/// Swagger UI's files, read once: what is served later never depends on a path that a caller sent.
package struct SwaggerUIFiles: Sendable {
    /// A file's name and content.
    package struct File: Sendable {
        /// Without any folder.
        package let name: String
        /// The whole content.
        package let bytes: [UInt8]
    }

    /// Why there is nothing to serve: which file, and what is the matter with it.
    package struct Missing: Error, CustomStringConvertible {
        package let description: String
    }

    /// What a page needs, of everything that the package brings.
    package static let names = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"]

    /// All of ``names``.
    package let files: [File]

    /// The largest file is 1.5 MB; anything far beyond is not Swagger UI.
    private static let sizeLimit = 8 << 20

    /// Reads the files; a call at start, since it blocks.
    ///
    /// - Throws: ``Missing`` where one cannot be read, is empty, or has more than 8 MiB.
    package init(directory: String) throws(Missing) {
        var files: [File] = []
        for name in Self.names {
            let path = "\(directory)/\(name)"
            files.append(File(name: name, bytes: try Self.content(of: path)))
        }
        self.files = files
    }

    private static func content(of path: String) throws(Missing) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw missing(path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw missing(path, errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
            guard bytes.count <= sizeLimit else {
                throw Missing(description: "\(path) is larger than \(sizeLimit) bytes")
            }
        }
        guard !bytes.isEmpty else { throw Missing(description: "\(path) is empty") }
        return bytes
    }

    private static func missing(_ path: String, _ code: Int32) -> Missing {
        Missing(description: "\(path): \(String(cString: strerror(code)))")
    }
}
