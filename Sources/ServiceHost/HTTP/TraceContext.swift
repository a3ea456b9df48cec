/// The grammar of the W3C Trace Context recommendation; what does not follow it is dropped, never
/// passed on.
enum TraceContext {
    /// Bytes of one message's header, looked at where they stand.
    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    /// `version "-" trace-id "-" parent-id "-" flags`, lower-case hexadecimal, neither id all zero.
    static func isTraceparent(_ text: String) -> Bool {
        guard (55...256).contains(text.utf8.count) else { return false }
        var text = text
        return text.withUTF8 { bytes in
            let version = bytes[0..<2]
            guard isHex(version), !version.elementsEqual("ff".utf8),
                isID(bytes[3..<35]), isID(bytes[36..<52]), isHex(bytes[53..<55]),
                [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") })
            else { return false }
            // Only a later version may add parts.
            return bytes.count == 55
                || bytes[55] == UInt8(ascii: "-") && !version.elementsEqual("00".utf8)
        }
    }

    /// At most 32 `key=value` members and 512 characters.
    static func isTracestate(_ text: String) -> Bool {
        guard (1...512).contains(text.utf8.count) else { return false }
        var text = text
        return text.withUTF8 { bytes in
            let members = bytes.split(
                separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            return members.count <= 32 && members.allSatisfy(isMember)
        }
    }

    private static func isMember(_ member: Bytes) -> Bool {
        var bytes = member
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

    private static func isHex(_ bytes: Bytes) -> Bool {
        bytes.allSatisfy {
            ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
                || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
        }
    }

    /// Hexadecimal, and not all zero.
    private static func isID(_ bytes: Bytes) -> Bool {
        isHex(bytes) && bytes.contains { $0 != UInt8(ascii: "0") }
    }
}
