import Glibc

/// Where kassa keeps its files, by the XDG base directory specification.
struct Folders {
    /// `$XDG_CONFIG_HOME/kassa`; nil without a home.
    let configuration: String?
    /// `$XDG_STATE_HOME/kassa`; nil without a home.
    let state: String?

    init(_ environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } })
    {
        // The specification has relative paths ignored.
        func base(_ variable: String, _ fallback: String) -> String? {
            if let path = environment(variable), path.hasPrefix("/") { return path + "/kassa" }
            return environment("HOME").flatMap { $0.isEmpty ? nil : "\($0)/\(fallback)/kassa" }
        }
        configuration = base("XDG_CONFIG_HOME", ".config")
        state = base("XDG_STATE_HOME", ".local/state")
    }
}

extension Folders {
    /// A path as it was typed, with the home for `~/`.
    static func expanded(_ path: String) -> String {
        guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
        return String(cString: home) + path.dropFirst()
    }
}
