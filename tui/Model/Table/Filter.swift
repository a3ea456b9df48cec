/// What the operator asked to see: words that must all match, `!` before one to turn it round.
///
/// `alice paid`, `user:alice !paid`, `user:=alice` (all of it), `amount:>100 status:failed`,
/// `"two words"`. A word without a known name before the colon is looked for everywhere, letter
/// case aside.
package struct Filter: Hashable, Sendable {
    /// As typed.
    package let text: String
    let terms: [Term]

    /// Words considered; more are of no use on one line.
    static let termLimit = 16

    /// - Parameter text: words, all of which must match; none lets everything through.
    package init(_ text: String) {
        self.text = text
        terms = Self.words(text).prefix(Self.termLimit).compactMap(Term.init)
    }

    /// Whether everything passes.
    package var isEmpty: Bool { terms.isEmpty }

    /// Splits at spaces outside of double quotes.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in text {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == " ", !isQuoted {
                words.append(word)
                word = ""
            } else {
                word.append(character)
            }
        }
        return (words + [word]).filter { !$0.isEmpty }
    }
}

extension Filter {
    /// One word of a filter.
    struct Term: Hashable, Sendable {
        /// Where to look.
        enum Place: String, Hashable, Sendable {
            case anywhere, id, user, status, text, amount, balance, reason
        }

        /// How an amount is compared.
        enum Comparison: String, Hashable, Sendable, CaseIterable {
            case atLeast = ">=", atMost = "<=", over = ">", under = "<", exactly = "="
        }

        let place: Place
        let isNegated: Bool
        let needle: Needle
        /// The whole of it, letter case included, as `user:=alice` asks; nil for a part.
        let exact: String?
        let bound: Bound?

        struct Bound: Hashable, Sendable {
            let comparison: Comparison
            let amount: Cents

            init?(_ text: Substring) {
                let found = Comparison.allCases.first { text.hasPrefix($0.rawValue) }
                guard let found,
                    case .success(let amount) = AmountText.parse(
                        String(text.dropFirst(found.rawValue.count)), allowingZero: true)
                else { return nil }
                comparison = found
                self.amount = amount
            }

            func admits(_ value: Cents) -> Bool {
                switch comparison {
                case .atLeast: value >= amount
                case .atMost: value <= amount
                case .over: value > amount
                case .under: value < amount
                case .exactly: value == amount
                }
            }
        }

        init?(_ word: String) {
            var rest = word[...]
            isNegated = rest.hasPrefix("!") && rest.count > 1
            if isNegated { rest.removeFirst() }
            var place = Place.anywhere
            if let colon = rest.firstIndex(of: ":"),
                let named = Self.place(rest[..<colon].lowercased())
            {
                place = named
                rest = rest[rest.index(after: colon)...]
            }
            let isExact = (place == .user || place == .id) && rest.hasPrefix("=")
            if isExact { rest.removeFirst() }
            guard !rest.isEmpty else { return nil }
            exact = isExact ? String(rest) : nil
            let isMoney = place == .anywhere || place == .amount || place == .balance
            bound = isMoney ? Bound(rest) : nil
            self.place = place
            needle = Needle(String(rest))
        }

        /// Whether a text is what is looked for, or has it somewhere.
        func finds(_ text: String) -> Bool {
            exact.map { RowID($0) == RowID(text) } ?? needle.occurs(in: text)
        }

        private static func place(_ name: String) -> Place? {
            switch name {
            case "s", "state": .status
            case "u", "account": .user
            case "t", "description": .text
            case "a": .amount
            case "anywhere": nil
            default: Place(rawValue: name)
            }
        }
    }

    /// A text that is looked for, letter case aside.
    struct Needle: Hashable, Sendable {
        private let text: String
        private let bytes: [UInt8]
        private let isASCII: Bool

        init(_ text: String) {
            self.text = text.lowercased()
            bytes = Array(self.text.utf8)
            isASCII = bytes.allSatisfy { $0 < 0x80 }
        }

        /// ASCII is searched in place: every row is asked on every poll, and a lowercased copy of
        /// each text would cost more than all the rest.
        func occurs(in haystack: String) -> Bool {
            guard isASCII else { return haystack.lowercased().contains(text) }
            var haystack = haystack
            return haystack.withUTF8 { hay in
                guard hay.count >= bytes.count else { return false }
                for start in 0...(hay.count - bytes.count)
                where Self.matches(hay, at: start, bytes) { return true }
                return false
            }
        }

        private static func matches(
            _ hay: UnsafeBufferPointer<UInt8>, at start: Int, _ needle: [UInt8]
        ) -> Bool {
            for offset in needle.indices {
                let byte = hay[start + offset]
                let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
                if folded != needle[offset] { return false }
            }
            return true
        }
    }
}
