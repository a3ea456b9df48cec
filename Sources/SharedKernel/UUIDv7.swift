import Synchronization

/// 128 bits in RFC 9562's text form; the ids of orders and messages are made of it.
struct UUIDBits: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads `8-4-4-4-12` hexadecimal digits of either case; nil for anything else.
    init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        var text = text
        guard let bits = text.withUTF8({ bytes in Self(bytes) }) else { return nil }
        self = bits
    }

    /// - Parameter text: 36 bytes.
    private init?(_ text: UnsafeBufferPointer<UInt8>) {
        let dash = UInt8(ascii: "-")
        guard text[8] == dash, text[13] == dash, text[18] == dash, text[23] == dash,
            let first = Self.number(text[0..<8]), let second = Self.number(text[9..<13]),
            let third = Self.number(text[14..<18]), let fourth = Self.number(text[19..<23]),
            let fifth = Self.number(text[24..<36])
        else { return nil }
        self.init(high: first << 32 | second << 16 | third, low: fourth << 48 | fifth)
    }

    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var number: UInt64 = 0
        for byte in digits {
            guard let value = value(ofHexDigit: byte) else { return nil }
            number = number << 4 | value
        }
        return number
    }

    /// Lower-case text.
    var text: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            Self.write(high >> 32, digits: 8, to: buffer, at: 0)
            Self.write(high >> 16, digits: 4, to: buffer, at: 9)
            Self.write(high, digits: 4, to: buffer, at: 14)
            Self.write(low >> 48, digits: 4, to: buffer, at: 19)
            Self.write(low, digits: 12, to: buffer, at: 24)
            for dash in [8, 13, 18, 23] { buffer[dash] = UInt8(ascii: "-") }
            return 36
        }
    }

    /// Writes the lowest digits of a number.
    private static func write(
        _ number: UInt64, digits: Int, to buffer: UnsafeMutableBufferPointer<UInt8>, at place: Int
    ) {
        var rest = number
        for position in (place..<place + digits).reversed() {
            let value = UInt8(truncatingIfNeeded: rest & 0xF)
            buffer[position] = value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
            rest >>= 4
        }
    }

    private static func value(ofHexDigit byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}

extension UUIDBits {
    /// The moment that a version 7 id names, to the millisecond; nil for other versions.
    var moment: Timestamp? {
        guard high >> 12 & 0xF == 7 else { return nil }
        return Timestamp(microseconds: Int64(high >> 16) * 1_000)
    }

    /// The least version 7 id of the moment or later; moments that no id can name are taken for the
    /// nearest that one can.
    init(notBefore moment: Timestamp) {
        let (whole, rest) = moment.microseconds.quotientAndRemainder(dividingBy: 1_000)
        let milliseconds = UInt64(max(0, rest > 0 ? whole + 1 : whole))
        self.init(high: min(milliseconds, 0xFFFF_FFFF_FFFF) << 16, low: 0)
    }
}

extension UUIDBits: Comparable {
    static func < (left: UUIDBits, right: UUIDBits) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// Makes version 7 ids (RFC 9562, 6.2 method 1): later ids sort after earlier ones, also within a
/// millisecond, so that an index grows at its end and "newest first" is the key's own order.
package final class UUIDv7Source: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt64 = 0
    }

    private let now: @Sendable () -> Timestamp
    private let random: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameters:
    ///   - now: the clock; a test's may stand still or run backwards, the ids still ascend.
    ///   - random: what keeps the ids of two sources apart; a test's may be seeded.
    package init(
        now: @escaping @Sendable () -> Timestamp = { .now },
        random: @escaping @Sendable () -> UInt64 = { .random(in: 0...UInt64.max) }
    ) {
        self.now = now
        self.random = random
    }

    func next() -> UUIDBits {
        let clock = UInt64(max(0, now().microseconds / 1_000))
        let (milliseconds, counter) = state.withLock { state in
            if clock > state.milliseconds {
                state = State(milliseconds: clock)
            } else {
                state.counter += 1
                if state.counter > 0xFFF { state = State(milliseconds: state.milliseconds + 1) }
            }
            return (state.milliseconds, state.counter)
        }
        return UUIDBits(
            high: milliseconds << 16 | 0x7000 | counter,
            low: random() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }

    /// The id of a new order.
    package func nextOrderID() -> OrderID { OrderID(bits: next()) }

    /// The id of a new message.
    package func nextMessageID() -> MessageID { MessageID(bits: next()) }
}
