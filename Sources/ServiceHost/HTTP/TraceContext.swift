/// The grammar of the W3C Trace Context recommendation; what does not follow it is dropped, never
/// passed on.
enum TraceContext {
    /// `version "-" trace-id "-" parent-id "-" flags`, lower-case hexadecimal, neither id all zero.
    static func isTraceparent(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, text.utf8.count <= 256,
            isHex(parts[0], 2), parts[0] != "ff",
            isHex(parts[1], 32), parts[1].contains(where: { $0 != "0" }),
            isHex(parts[2], 16), parts[2].contains(where: { $0 != "0" }),
            isHex(parts[3], 2)
        else { return false }
        // Only a later version may add parts.
        return parts.count == 4 || parts[0] != "00"
    }

    /// At most 32 `key=value` members and 512 characters.
    static func isTracestate(_ text: String) -> Bool {
        guard (1...512).contains(text.utf8.count) else { return false }
        let members = text.split(separator: ",", omittingEmptySubsequences: false)
        return members.count <= 32 && members.allSatisfy(isMember)
    }

    private static func isMember(_ member: Substring) -> Bool {
        var bytes = Array(member.utf8)[...]
        while bytes.first == 0x20 || bytes.first == 0x09 { bytes.removeFirst() }
        while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
        guard !bytes.isEmpty else { return true }
        guard let split = bytes.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let key = bytes[..<split]
        let value = bytes[(split + 1)...]
        return (1...256).contains(key.count) && key.allSatisfy(isKeyByte)
            && (1...256).contains(value.count)
            && value.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"),
            UInt8(ascii: "@"):
            true
        default: false
        }
    }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
                    || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
            }
    }
}
