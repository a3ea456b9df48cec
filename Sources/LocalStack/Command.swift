/// What to start: an absolute program, its arguments and its whole environment. A value, so that
/// every command line this room uses can be tested without running it.
package struct Command: Sendable, Equatable {
    /// Absolute path of the program.
    package var executable: String
    package var arguments: [String]
    /// The complete environment: nothing is inherited, so that no setting of the caller's shell
    /// leaks in.
    package var environment: [String: String]
    package var workingDirectory: String?
    /// Whom to become before the program starts; `nil` stays the caller.
    package var user: ServerUser?
    /// The kernel kills the program when the process that started it dies, kill -9 included: for
    /// tests, which must leave nothing behind.
    package var endsWithParent = false

    /// A command that is not run yet.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil, user: ServerUser? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
    }

    /// The program and arguments as they are run: by way of setpriv, which keeps the pid, where it
    /// has to change the account or the death signal first.
    ///
    /// swift-subprocess can change the account too, but does it in a fork of this process, whose
    /// threads may hold the C library's locks at that moment: about one start in ten then hangs for
    /// ever.
    var launched: (executable: String, arguments: [String]) {
        var preparation: [String] = []
        if let user {
            preparation += ["--reuid=\(user.userID)", "--regid=\(user.groupID)", "--clear-groups"]
        }
        if endsWithParent { preparation += ["--pdeathsig=KILL"] }
        guard !preparation.isEmpty else { return (executable, arguments) }
        return ("/usr/bin/setpriv", preparation + ["--", executable] + arguments)
    }
}
