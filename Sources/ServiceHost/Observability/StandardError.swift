import Glibc
import Synchronization

/// Standard error, whole lines at once.
enum StandardError {
    /// Keeps lines longer than the kernel writes at once in one piece.
    private static let turn = Mutex(())

    /// A line that cannot be written is lost: logging never stops the service.
    static func write(_ line: [UInt8]) {
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes {
                    Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
                }
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
