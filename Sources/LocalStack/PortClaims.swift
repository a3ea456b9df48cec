import Glibc
import Synchronization

/// Ports given out to servers that do not listen yet: a stack takes seconds to bind the ports that
/// it has chosen, and whoever looks meanwhile finds them free.
///
/// A claim is kept until the process ends, however it ends. Between processes it is a lock on one
/// byte of a file, which all of them share as far as they share the folder for temporary files.
enum PortClaims {
    private static let claimed = Mutex<Set<Int>>([])

    /// Opened once and never closed: a process loses its locks on a file with the first descriptor
    /// for it that it closes.
    private static let file: Int32 = {
        let path = "/tmp/kassa-ports.lock"
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW
        let existing = open(path, flags)
        guard existing < 0 else { return existing }
        let created = open(path, flags | O_CREAT, 0o666)
        // Whatever the umask: other users claim ports too.
        if created >= 0 { fchmod(created, 0o666) }
        return created
    }()

    /// Claims a port, unless somebody has. Where there can be no file only this process knows.
    static func claim(_ port: Int) -> Bool {
        claimed.withLock { claimed in
            guard !claimed.contains(port), lock(port) else { return false }
            claimed.insert(port)
            return true
        }
    }

    private static func lock(_ port: Int) -> Bool {
        guard file >= 0 else { return true }
        var range = flock()
        range.l_type = Int16(F_WRLCK)
        range.l_whence = Int16(SEEK_SET)
        range.l_start = port
        range.l_len = 1
        return fcntl(file, F_SETLK, &range) == 0 || (errno != EAGAIN && errno != EACCES)
    }
}
