import Glibc
package import SharedKernel

extension InstanceName {
    /// This process: the machine's name, or the container's, and the process id.
    package static let current = InstanceName(host: hostName, process: getpid())

    private static var hostName: String {
        // Linux allows 64 bytes; the last of these stays the end's zero.
        var name = [CChar](repeating: 0, count: 65)
        let isKnown = name.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { gethostname($0, buffer.count - 1) == 0 } ?? false
        }
        guard isKnown, name[0] != 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
