internal import Glibc

/// The character encoding that curses will write in.
enum Encoding {
    /// Takes the locale's encoding over into the process; true for UTF-8.
    ///
    /// A locale that is asked for but not installed, usual over ssh and in containers, would fall
    /// back to ASCII: where its name says UTF-8, `C.UTF-8` stands in for it.
    static func adopt(environment: (String) -> String?) -> Bool {
        if setlocale(LC_CTYPE, "") == nil {
            let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(environment)
            let asked = names.first { !$0.isEmpty }?.lowercased() ?? ""
            if asked.hasSuffix("utf-8") || asked.hasSuffix("utf8") {
                setlocale(LC_CTYPE, "C.UTF-8")
            }
        }
        guard let codeset = nl_langinfo(Int32(CODESET)) else { return false }
        return String(cString: codeset) == "UTF-8"
    }
}
