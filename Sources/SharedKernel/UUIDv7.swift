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
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        guard text.utf8.count == 36 else { return nil }
        for (position, byte) in text.utf8.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let value = Self.value(ofHexDigit: byte) else { return nil }
            if digits < 16 {
                halves.0 = halves.0 << 4 | value
            } else {
                halves.1 = halves.1 << 4 | value
            }
            digits += 1
        }
        self.init(high: halves.0, low: halves.1)
    }

    /// Lower-case text.
    var text: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = digit < 16 ? high : low
                let value = UInt8(half >> UInt64(60 - digit % 16 * 4) & 0xF)
                buffer[position] =
                    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                position += 1
            }
            return position
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
