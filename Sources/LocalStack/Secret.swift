import Glibc

/// Passwords that nobody has to invent, remember or type: made once, kept in files that only their
/// owner reads.
enum Secret {
    /// 192 bits from the system's generator, in letters and digits so that a URL needs no escapes.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        return String((0..<33).map { _ in alphabet[Int.random(in: 0..<62, using: &generator)] })
    }

    /// The secret in the file `name` of the folder, if it was ever made.
    static func known(_ name: String, in folder: StackFolder) -> String? {
        Disk.read("\(folder.secrets)/\(name)").flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The secret in the file `name` of the folder, made now when it is missing.
    static func keep(_ name: String, in folder: StackFolder) throws -> String {
        if let known = known(name, in: folder) { return known }
        let made = random()
        try Disk.write(made, to: "\(folder.secrets)/\(name)")
        return made
    }
}

extension String {
    /// The text as a value in a URL's query.
    var percentEncoded: String {
        utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII,
                character.isLetter || character.isNumber
                    || "/-._~".contains(character)
            {
                return "\(character)"
            }
            let digits = String(byte, radix: 16, uppercase: true)
            return digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }.joined()
    }

    /// The URL with its password replaced, fit to print.
    package var withoutPassword: String {
        guard let scheme = firstRange(of: "://"), let at = lastIndex(of: "@"),
            scheme.upperBound <= at
        else { return self }
        let credentials = self[scheme.upperBound..<at]
        guard let colon = credentials.firstIndex(of: ":") else { return self }
        return self[..<colon] + ":***" + self[at...]
    }
}
