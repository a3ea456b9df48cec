import Glibc

/// Becoming another program.
enum Exec {
    /// Never returns; throws when `program` cannot be run.
    static func replace(_ program: String, _ arguments: [String]) throws {
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        pointers.append(nil)
        execv(program, &pointers)
        let reason = String(cString: strerror(errno))
        pointers.forEach { free($0) }
        throw Failure("Could not run \(program): \(reason)")
    }
}
