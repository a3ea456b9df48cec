/// Writes a text of digits and signs into memory that is large enough for it.
struct Digits {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    /// Bytes written so far.
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func write(_ sign: Unicode.Scalar) {
        buffer[count] = UInt8(ascii: sign)
        count += 1
    }

    /// Writes a number's last digits, with zeros in front where it has fewer.
    mutating func write(_ number: UInt64, digits: Int) {
        var rest = number
        for place in (count..<count + digits).reversed() {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// Writes all digits of a number, with zeros in front where it has fewer than `digits`.
    mutating func write(_ number: UInt64, atLeast digits: Int) {
        var width = 1
        var rest = number / 10
        while rest > 0 {
            width += 1
            rest /= 10
        }
        write(number, digits: max(width, digits))
    }
}
