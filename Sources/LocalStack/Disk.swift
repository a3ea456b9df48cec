import Foundation
import Glibc

/// The few file operations of the stack that need an owner and a mode, which Foundation sets too
/// late.
enum Disk {
    static func mode(of path: String) -> FolderMode? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FolderMode(owner: status.st_uid, group: status.st_gid, mode: status.st_mode)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes the folder and those above it; an existing one keeps what it has.
    static func makeFolder(_ path: String, mode: mode_t, owner: ServerUser? = nil) throws {
        guard !exists(path) else { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolder(String(path[..<slash]), mode: 0o755)
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure("make folder", path) }
        // mkdir's mode is cut by the umask.
        guard chmod(path, mode) == 0 else { throw failure("set the mode of", path) }
        try give(path, to: owner)
    }

    /// Writes the whole file, readable by its owner alone, and moves it into place in one step.
    static func write(
        _ text: String, to path: String, mode: mode_t = 0o600, owner: ServerUser? = nil
    ) throws {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure("write", draft) }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw failure("write", draft) }
            bytes = bytes.dropFirst(count)
        }
        try give(draft, to: owner)
        guard Glibc.rename(draft, path) == 0 else { throw failure("write", path) }
    }

    /// Moves a finished file into place, over what was there.
    static func rename(_ draft: String, _ path: String, mode: mode_t) throws {
        guard chmod(draft, mode) == 0, Glibc.rename(draft, path) == 0 else {
            throw failure("write", path)
        }
    }

    /// The whole file as text, `nil` when it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Copies a small text file, readable by its new owner alone.
    static func copy(_ path: String, to copy: String, owner: ServerUser? = nil) throws {
        guard let text = read(path) else { throw failure("read", path) }
        try write(text, to: copy, owner: owner)
    }

    /// Removes a file, or a folder with all it holds; none is fine.
    static func remove(_ path: String) throws {
        guard exists(path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    private static func give(_ path: String, to owner: ServerUser?) throws {
        guard let owner, geteuid() == 0 else { return }
        guard lchown(path, owner.userID, owner.groupID) == 0 else {
            throw failure("give \(owner.name)", path)
        }
    }

    private static func failure(_ what: String, _ path: String) -> StackError {
        StackError("Could not \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
