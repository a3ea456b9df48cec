/// The paths of one stack: everything it keeps lies under one folder.
package struct StackFolder: Sendable, Equatable {
    /// Absolute path. Holds the state, the secrets and the logs.
    package let path: String
    /// Where the servers' data lie: `path`, or a folder under /var/tmp when the servers' account
    /// cannot reach `path` (a checkout in root's home).
    package let serverPath: String

    /// The paths below `path`; nothing is made yet.
    package init(path: String, serverPath: String? = nil) {
        self.path = path
        self.serverPath = serverPath ?? path
    }

    package var postgres: String { serverPath + "/postgres" }
    package var broker: String { serverPath + "/rabbitmq" }
    package var logs: String { path + "/logs" }
    package var secrets: String { path + "/secrets" }
    /// What the supervisor knows, as JSON: see ``StackState``.
    package var state: String { path + "/stack.json" }
    /// Held locked by the supervisor: two of them never share a folder.
    package var lock: String { path + "/lock" }
    package var pgpass: String { secrets + "/pgpass" }
    /// Certificates of a stack that speaks TLS.
    package var certificates: Certificates { Certificates(folder: path + "/certificates") }
    /// Who may come in, where a stack asks that.
    package var tokens: String { secrets + "/tokens" }

    /// The log file of a process of the stack.
    package func log(_ process: String) -> String { "\(logs)/\(process).log" }

    /// The folder under /var/tmp that belongs to the stack at `path`, always the same one.
    package static func fallbackServerPath(for path: String) -> String {
        // FNV-1a: Swift's own hash changes from run to run.
        let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return "/var/tmp/kassa-" + String(hash, radix: 36)
    }
}

/// What the kernel asks before it lets an account pass through a folder.
package struct FolderMode: Sendable, Equatable {
    package let owner: UInt32
    package let group: UInt32
    package let mode: UInt32

    /// As `stat` reports them.
    package init(owner: UInt32, group: UInt32, mode: UInt32) {
        self.owner = owner
        self.group = group
        self.mode = mode
    }

    /// Whether `user` may pass through this folder to what lies below it.
    package func admits(_ user: ServerUser) -> Bool {
        if user.userID == owner { return mode & 0o100 != 0 }
        if user.groupID == group { return mode & 0o010 != 0 }
        return mode & 0o001 != 0
    }
}

extension StackFolder {
    /// Decides where the servers' data go: below `path` when `user` can reach it.
    ///
    /// - Parameter modeOf: the mode of a folder, `nil` when it does not exist yet.
    package static func choose(
        path: String, user: ServerUser?, modeOf: (String) -> FolderMode?
    ) -> StackFolder {
        guard let user else { return StackFolder(path: path) }
        var ancestor = ""
        for component in path.split(separator: "/") {
            ancestor += "/\(component)"
            // A folder that is missing is made by this process, open to pass through.
            guard let mode = modeOf(ancestor) else { break }
            if !mode.admits(user) {
                return StackFolder(path: path, serverPath: fallbackServerPath(for: path))
            }
        }
        return StackFolder(path: path)
    }
}
